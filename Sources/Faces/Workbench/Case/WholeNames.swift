import Cases
import CompanyOpening
import Kernel

/// Pages mask people, and what a rule says of them fills the boxes of a decision masked; a paper names whom it is about.
struct WholeNames {
    /// Masked words and the whole ones, the longest first, so that none is taken for a part of another.
    private let pairs: [(masked: String, whole: String)]

    init(of found: Case) {
        let people = CompanyForm(found.data).people
        // Masks that two people share say of neither whom they mean.
        func unique(_ mask: (NamedPerson) -> String) -> [(String, String)] {
            Dictionary(grouping: people, by: mask).compactMap { masked, group in
                let names = Set(group.map(\.name))
                guard names.count == 1, let name = names.first else { return nil }
                return (masked, masked.replacing(PersonMask.name(name), with: name, maxReplacements: 1))
            }
        }
        pairs = (unique(\.label) + unique { PersonMask.name($0.name) })
            .map { (masked: $0.0, whole: $0.1) }
            .sorted { ($0.masked.count, $0.masked) > ($1.masked.count, $1.masked) }
    }

    func written(_ text: String) -> String {
        pairs.reduce(text) { $0.replacing($1.masked, with: $1.whole) }
    }
}

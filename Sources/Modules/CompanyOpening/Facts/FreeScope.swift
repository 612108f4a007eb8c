public import Cases
import Kernel
import Storage

/// Words of the scope that no catalogue holds: the applicant wrote and signed them, a person accepts or strikes each
/// before he grants the case (Rules for the Implementation of the Regulations, article 12).
enum FreeScope {
    static let accept = "accept"
    static let strike = "strike"

    static func name(_ index: Int) -> String { "scope-\(index + 1)" }

    /// The words with this answer, in the order of the form.
    /// - Parameter settled: answers by the name of the point, as a decision keeps them.
    static func words(_ answer: String, of form: CompanyForm, settled: JSON) -> [String] {
        form.freeScope.enumerated().filter { settled[name($0.offset)].text == answer }.map(\.element)
    }

    /// The words that were accepted when the case was granted.
    static func accepted(of subject: Case, in reader: any Reader) throws -> [String] {
        let form = CompanyForm(subject.data)
        guard !form.freeScope.isEmpty else { return [] }
        let granting = try DecisionStore.of(subject.id, in: reader).last { $0.outcome == .grant }
        return words(accept, of: form, settled: granting?.facts["settled"] ?? .null)
    }
}

extension CompanyOpening {
    public func openPoints(of subject: Case) -> [OpenPoint] {
        CompanyForm(subject.data).freeScope.enumerated().map { index, words in
            OpenPoint(
                name: FreeScope.name(index),
                kind: "scope",
                words: words,
                answers: [FreeScope.accept, FreeScope.strike]
            )
        }
    }
}

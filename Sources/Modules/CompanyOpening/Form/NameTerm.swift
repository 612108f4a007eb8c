public import Cases
import CompanyNames
public import Kernel
public import Storage

extension CompanyOpening {
    /// The reservation follows the scope: a year while an approval must come first, else two months (Provisions on the
    /// Registration of Enterprise Names, article 18).
    public func kept(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        let form = CompanyForm(subject.data)
        guard form.hasName, let id = form.reservation, let entry = try NameLibrary.find(ID(id), in: tx),
            entry.state == .reserved, entry.owner == subject.applicant, entry.isLive(at: occasion.now)
        else { return }
        let today = occasion.now.date
        try ReserveName.setTerm(
            of: entry.id,
            needsApproval: form.scope.contains { book.phrase($0, on: today)?["permit_timing"] == "before" },
            under: nameRules,
            occasion: occasion,
            in: tx
        )
    }
}

public import Cases
import CompanyNames
import Correspondence
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
        try ReserveName.setTerm(
            of: entry.id,
            needsApproval: needsApproval(form, on: occasion.now.date),
            under: nameRules,
            occasion: occasion,
            in: tx
        )
        try noticeName(of: subject, occasion: occasion, in: tx)
    }

    public static let nameNotice = "name-reservation-notice"

    /// 企业名称保留告知书: written when a form takes a name that is kept, and anew when it takes another or the term
    /// changes. A form that does not say yet who applies gets it as soon as it does.
    func noticeName(of subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        let form = CompanyForm(subject.data)
        let today = occasion.now.date
        guard form.hasName, let id = form.reservation, form.data["applicant"]["name"].text?.isEmpty == false,
            let entry = try NameLibrary.find(ID(id), in: tx), entry.state == .reserved,
            entry.owner == subject.applicant, entry.isLive(at: occasion.now), let lastDay = entry.lastDay
        else { return }
        let before = try CorrespondenceStore.paper(
            kind: Self.nameNotice,
            of: subject.id.rawValue,
            in: tx
        )
        if let before, before.text.contains("\t\(entry.text)\n"),
            before.text.contains("\t\(lastDay.chineseText)\n")
        {
            return
        }
        let body = registering(
            of: entry.region,
            subject: entry.subject,
            capital: Money(fen: form.capital),
            on: today
        ).body
        var fields = headFields(of: subject)
        fields["companyName"] = .string(entry.text)
        fields["nameMongolian"] = form.data["name"]["mongolian"]
        fields["reservedOn"] = .string(entry.since.date.description)
        fields["reservedUntil"] = .string(lastDay.description)
        fields["preApproval"] = .bool(needsApproval(form, on: today))
        fields["agencyName"] = .string(body?.name ?? agencyName(subject.agency))
        try write(
            Self.nameNotice,
            for: subject,
            fields: fields,
            agency: body?.code,
            supersedes: before?.id,
            occasion: occasion,
            in: tx
        )
    }
}

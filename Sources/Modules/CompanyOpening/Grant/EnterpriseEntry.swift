import Cases
import Identity
import Kernel
import Registers
import Standards
import Storage

/// Whom the signed application appoints, besides the legal representative, and what they may do for how long.
///
/// The applicant may see through what he began; the liaison, who is filed, may read the entry. Using the licence and
/// giving others rights stays with the legal representative (company-opening §1, step 11).
struct Appointments: Sendable {
    struct Appointment: Sendable {
        /// By account where it is known, else by document.
        let account: String?
        let person: JSON
        let scope: Set<String>
        let period: String?
    }

    let representative: JSON
    let list: [Appointment]

    init(form: CompanyForm, applicant: String, limits: JSON) {
        func scope(_ limit: String) -> Set<String> { Set(limits[limit].elements.compactMap(\.text)) }
        representative = form.data[form.kind == .llc ? "legalRepresentative" : "operator"]
        list = [
            Appointment(
                account: applicant,
                person: form.data["applicant"],
                scope: scope("applicantMay"),
                period: limits["applicantMayFor"].text
            ),
            Appointment(
                account: nil,
                person: form.data["liaison"],
                scope: scope("liaisonMay"),
                period: limits["liaisonMayFor"].text
            ),
        ]
    }
}

extension CompanyOpening {
    /// The new enterprise becomes an actor: its legal representative acts for it from this moment.
    func enter(
        _ record: RegisterSubject,
        of granted: Case,
        appointments: Appointments,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let today = occasion.now.date
        try Enterprises.enter(
            code: record.code,
            name: record.name,
            representative: document(of: appointments.representative, on: today),
            region: record.region,
            agency: record.agency,
            keys: identityKeys,
            occasion: occasion,
            in: tx
        )
        for appointment in appointments.list {
            guard let until = appointment.period.flatMap({ Self.lastDay($0, from: today) }) else { continue }
            var agent = appointment.account.map { ID<Person>($0) }
            if agent == nil, let paper = document(of: appointment.person, on: today) {
                agent = try People.find(document: paper, keys: identityKeys, in: tx)?.id
            }
            guard let agent else { continue }
            try Enterprises.appoint(
                agent,
                for: record.code,
                scope: appointment.scope,
                until: until,
                basis: granted.object,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// R4 has judged the document before; one that cannot be read binds nobody, and the entry stands without him.
    func document(of person: JSON, on today: LocalDate) -> IdentityDocument? {
        guard let number = person["idNumber"].text else { return nil }
        do {
            return try standards.identityDocument(
                kind: person["idKind"].text ?? "resident-id",
                number: number,
                on: today
            )
        } catch { return nil }
    }

    /// `30 d`, `36 mo`: an appointment counts calendar days or months.
    private static func lastDay(_ period: String, from day: LocalDate) -> LocalDate? {
        let parts = period.split(separator: " ")
        guard parts.count == 2, let amount = Int(parts[0]) else { return nil }
        switch parts[1] {
        case "d": return day.adding(days: amount)
        case "mo": return day.adding(months: amount)
        default: return nil
        }
    }
}

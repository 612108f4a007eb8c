public import CompanyNames
import CompanyOpening
public import Kernel
import Storage

extension DemoTown {
    /// 名称自主申报 as the page does it: the name of a form is checked, then kept for its founder, and the reservation
    /// written into the form.
    /// - Returns: `taken` when somebody else was faster; the form is left as it was then.
    @discardableResult
    public func reserveName(of form: inout JSON, by founder: Actor) async throws -> ReserveOutcome {
        let platform = platform
        let rules = platform.nameRules
        let occasion = Occasion(
            now: clock.now,
            actor: founder,
            request: "name",
            entropy: platform.settings.entropy
        )
        let proposal = platform.opening.proposal(
            for: CompanyForm(form),
            applicant: founder.id,
            on: occasion.now.date
        )
        let outcome = try await platform.database.write { tx in
            let report = try NameCheck.run(proposal, under: rules, now: occasion.now, in: tx)
            return try ReserveName.run(report, promised: true, under: rules, occasion: occasion, in: tx)
        }
        if case .reserved(let reservation) = outcome {
            form["name"]["reservation"] = .string(reservation.id.rawValue)
            form["name"]["full"] = .string(reservation.parts.text)
        }
        return outcome
    }
}

import Credentials
import Identity
import Kernel
import Standards
import Storage
import Web

/// The owner of a firm without a second person confirms a use of his seal by a code that is sent to his own phone.
enum SealConfirming {
    static func send(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let request = try await SealRequestActs.find(visit, desk)
        let form = SealForm.request(request.id)
        return try await SealActs.answer(form, visit, desk) {
            let (seal, number) = try await desk.database.read { reader -> (Seal, PhoneNumber) in
                let seal = try SealPages.own(SealActs.uses, visit, desk, in: reader)
                guard try desk.seals.standsAlone(seal, on: visit.now.date, in: reader) else {
                    throw SealError.fourEyes
                }
                guard request.requester == (try SealActs.person(visit)).rawValue else {
                    throw SealError.notRequester
                }
                return (seal, try phone(visit, desk, in: reader))
            }
            do {
                let attempt = try await SmsCodes.request(
                    number,
                    for: .signDocument,
                    origin: SignInPages.origin(visit),
                    settings: desk.identity,
                    occasion: visit.occasion,
                    database: desk.database
                )
                let sent = SealCode(request: request.id, attempt: attempt)
                return .redirect(to: SealSaid.code.path(seal, "#request-\(request.id)")).setting(sent.cookie)
            } catch let refusal as IdentityError {
                throw SealRefused(form, refusal, field: "code-\(request.id)", visit)
            }
        }
    }

    static func confirm(_ request: SealRequest, _ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let form = SealForm.request(request.id)
        let (occasion, person) = (visit.occasion, try SealActs.person(visit))
        let digest = visit.form.trimmed("digest") ?? ""
        let code = visit.form.trimmed("code-\(request.id)") ?? ""
        let attempt = SealCode(visit).flatMap { $0.request == request.id ? $0.attempt : nil }
        return try await SealActs.answer(form, visit, desk) {
            let seal = try await desk.database.write { tx -> Seal? in
                let seal = try SealPages.own(SealActs.uses, visit, desk, in: tx)
                // A wrong code is counted, so nothing is thrown for it.
                guard let attempt,
                    try SmsCodes.check(
                        code,
                        attempt: attempt,
                        phone: try phone(visit, desk, in: tx),
                        for: .signDocument,
                        settings: desk.identity,
                        occasion: occasion,
                        in: tx
                    )
                else { return nil }
                try desk.seals.confirm(
                    request.id,
                    digest: digest,
                    after: .textMessage,
                    by: person,
                    occasion: occasion,
                    in: tx
                )
                return seal
            }
            guard let seal else {
                throw SealRefused(form, IdentityError.codeWrong, field: "code-\(request.id)", visit)
            }
            return .redirect(to: SealSaid.confirm.path(seal, "#request-\(request.id)")).setting(SealCode.gone)
        }
    }

    /// - Throws: `SealError.noPhone`.
    private static func phone(_ visit: Visit, _ desk: PortalDesk, in reader: any Reader) throws -> PhoneNumber
    {
        let own = try People.ownDocument(
            of: SealActs.person(visit),
            keys: desk.identity.keys,
            occasion: visit.occasion,
            in: reader
        )
        guard let phone = own.phone else { throw SealError.noPhone }
        do { return try PhoneNumber.mobile(phone) } catch { throw SealError.noPhone }
    }
}

/// A code that was sent for one request: kept by the browser between the pages, never in an address.
struct SealCode {
    let request: ID<SealRequest>
    let attempt: String

    private static let name = "suban-seal-code"

    init(request: ID<SealRequest>, attempt: String) {
        self.request = request
        self.attempt = attempt
    }

    init?(_ visit: Visit) {
        let parts = (visit.cookie(Self.name) ?? "").split(separator: ".")
        guard parts.count == 2 else { return nil }
        request = ID(String(parts[0]))
        attempt = String(parts[1])
    }

    var cookie: FreshCookie { FreshCookie(name: Self.name, value: "\(request).\(attempt)") }
    static let gone = FreshCookie(name: name, value: "", ageSecondsMax: 0)
}

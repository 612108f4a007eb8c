import Audit
import CompanyOpening
import Credentials
import Kernel
import Registers
import Standards
import Storage
import Web

/// The register's public words, certified, and whether a licence is good.
enum RegisterCalls {
    static func routes(_ desk: APIDesk) -> [Route] { [extract(desk), verification(desk)] }

    private static func extract(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/register/{code}/extract",
            who: .everyone,
            scope: .open,
            zh: "登记信息证明（签名）",
            en: "A certified extract, signed",
            request: .object(["at?": CallShapes.moment]),
            response: .object([
                "format": .text("suban-extract-1"), "text": .text("Canonical JSON of the entry"),
                "signature": .text("SM2 with SM3, DER in Base64, over format, line break, text"),
                "certificates": .list(.text("DER in Base64, without the root")),
            ])
        ) { visit in
            let code = try visit.segment("code")
            let moment = try visit.moment(visit.query["at"], named: "at") ?? visit.now
            let (subject, extract, proof) = try await desk.database.read { reader in
                (
                    try RegisterStore.find(code, in: reader),
                    try Extract.make(
                        of: code,
                        at: min(moment, visit.now),
                        confidential: false,
                        in: reader
                    ), try RegisterProof.of(code, in: reader)
                )
            }
            guard let subject, let extract else { throw RegisterError.notFound }
            // Nothing is certified that the log does not bear out.
            guard proof.problem == nil else { throw RegisterError.altered }
            switch try await desk.keeper.backing(of: proof.log) {
            case .signed: break
            case .waiting: throw RegisterError.notSealedYet
            case .broken: throw RegisterError.altered
            }
            let body = IssuingBody(code: subject.region, name: desk.opening.agencyName(subject.agency))
            return .json(try desk.credentials.sign(extract.content, by: body, now: visit.now).json)
        }.noting(
            refusals: [
                404: ["register.not-found"], 422: ["web.bad-field"],
                503: ["register.altered", "register.not-sealed-yet"],
            ]
        )
    }

    private static func verification(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/credentials/verification",
            who: .everyone,
            scope: .open,
            zh: "证照验真",
            en: "Verify a licence or seal",
            request: .object([
                "file": .text("The credential's file as text", lengthMax: 262_144),
                "at?": CallShapes.moment,
            ]),
            response: .object([
                "valid": .flag("Genuine and in force"), "problems": .list(.text("Stable code")),
                "proven": .list(.text("Stable code")), "claimed": .list(.text("Said by the issuer only")),
                "type": .text("Kind of credential", lengthMax: 64).orNull,
                "identifier": .text("GB/T 36904", lengthMax: 64).orNull,
                "holder": .text("Credit code", lengthMax: 64).orNull,
            ])
        ) { visit in
            let body = try visit.only(["file", "at"])
            let file = try body.needed("file", lengthMax: 262_144)
            guard body["at"].isNull || body["at"].text != nil else {
                throw WebRefusal.badField(name: "at")
            }
            let moment = try visit.moment(body["at"].text, named: "at") ?? visit.now
            let verifier = try await desk.verifier(visit.now)
            let verdict = try await desk.database.read {
                try verifier.verify(Array(file.utf8), at: moment, in: $0)
            }
            return .json([
                "valid": .bool(verdict.isValid),
                "problems": .array(verdict.problems.map { .string($0.code) }),
                "proven": .array(verdict.proven.map { .string($0.code) }),
                "claimed": .array(verdict.claimed.map { .string($0.code) }),
                "type": JSON(verdict.record?.type),
                "identifier": JSON(verdict.record?.identifier.description),
                "holder": JSON(verdict.record?.holder.code),
            ])
        }
    }
}

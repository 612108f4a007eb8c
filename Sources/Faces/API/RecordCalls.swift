import CompanyOpening
import Credentials
import Cryptography
import Kernel
import Registers
import Standards
import Storage
import Web

/// What everybody may read of an enterprise, whether a certified extract is genuine and still the whole story, and the
/// certificate on which every verdict rests.
enum RecordCalls {
    static func routes(_ desk: APIDesk) -> [Route] { [record(desk), verification(desk), trust(desk)] }

    private static let entry = Shape.object([
        "sequence": .integer("1 for the establishment", min: 1),
        "act": .choice("What it did", RegisterAct.allCases.map(\.rawValue)),
        "state": .choice("How it stood afterwards", SubjectState.allCases.map(\.rawValue)),
        "at": CallShapes.moment,
        "digest": .text("SM3 of the chain up to it, hexadecimal", lengthMax: 64, pattern: "^[0-9a-f]{64}$"),
    ])

    // MARK: the public record

    private static func record(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/register/{code}",
            who: .everyone,
            scope: .open,
            zh: "企业公开登记信息",
            en: "The public record of an enterprise",
            response: .object([
                "code": .text("Credit code (GB 32100)", lengthMax: 18),
                "state": .choice("How it stands", SubjectState.allCases.map(\.rawValue)),
                "region": CallShapes.region, "agency": .text("Registering body", lengthMax: 200),
                "establishedOn": .text("Day", format: "date"),
                "items": .anything("Registered items by name"),
                "filings": .list(
                    .object([
                        "kind": .text("Kind of filing", lengthMax: 64),
                        "value": .anything("What is filed"),
                        "from": .text("Day", format: "date"),
                    ])
                ),
                "history": .list(entry),
                "publications": .list(
                    .object([
                        "what": .text("What was made public", lengthMax: 64),
                        "publishedAt": CallShapes.momentOrNull,
                    ])
                ),
                "notes": .list(
                    .object([
                        "kind": .text("Abnormal operation, lost contact", lengthMax: 64),
                        "from": CallShapes.moment,
                    ])
                ),
                "chain": .choice("Whether every entry fits the one before", ["whole", "broken"]),
            ])
        ) { visit in
            let code = try visit.segment("code")
            let found = try await desk.database.read { try PublicRecord.read(code, at: visit.now, in: $0) }
            guard let found else { throw RegisterError.notFound }
            return .json(json(found, agency: desk.opening.agencyName(found.subject.agency)))
        }.noting(refusals: [404: ["register.not-found"]])
    }

    private static func json(_ record: PublicRecord, agency: String) -> JSON {
        [
            "code": .string(record.subject.code), "state": .string(record.subject.state.rawValue),
            "region": .string(record.subject.region), "agency": .string(agency),
            "establishedOn": .string(record.subject.establishedOn.description),
            "items": record.subject.items,
            "filings": .array(
                record.filings.map {
                    ["kind": .string($0.kind), "value": $0.value, "from": .string($0.from.description)]
                }
            ),
            "history": .array(
                record.history.map {
                    [
                        "sequence": JSON($0.sequence), "act": .string($0.act.rawValue),
                        "state": .string($0.state.rawValue), "at": .string($0.at.description),
                        "digest": .string($0.digest),
                    ]
                }
            ),
            "publications": .array(
                record.publications.map {
                    ["what": .string($0.what), "publishedAt": JSON($0.publishedAt?.description)]
                }
            ),
            "notes": .array(
                record.notes.map {
                    ["kind": .string($0.kind.rawValue), "from": .string($0.from.description)]
                }
            ),
            "chain": record.problem == nil ? "whole" : "broken",
        ]
    }

    // MARK: a certified extract

    private static func verification(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/register/verification",
            who: .everyone,
            scope: .open,
            zh: "登记信息证明验真",
            en: "Verify a certified extract",
            request: .object([
                "format": .choice("As it was handed out", [SignedText.format]),
                "text": .text("As it was handed out", lengthMax: 1_000_000),
                "signature": .text("As it was handed out", lengthMax: 400),
                "certificates": .list(.text("As they were handed out", lengthMax: 8_000), countMax: 8),
            ]),
            response: .object([
                "valid": .flag("Signed by the register's body, and the register still has those entries"),
                "problems": .list(.text("Stable code")),
                "issuer": .text("Name of the body that certified it", lengthMax: 200).orNull,
                "code": .text("Credit code", lengthMax: 18).orNull, "asOf": CallShapes.momentOrNull,
                "standing": .choice("What the register says today", ["current", "outdated", "foreign"])
                    .orNull,
                "entriesSince": .integer("Entries that were made since", min: 0).orNull,
            ])
        ) { visit in
            let body = try visit.only(["format", "text", "signature", "certificates"])
            guard body["certificates"].elements.count <= 8, let signed = SignedText(json: body) else {
                throw WebRefusal.badField(name: "body")
            }
            let verdict = try await desk.verifier(visit.now).verify(signed, at: visit.now)
            // Without a good signature nothing in the text counts, and nothing of it is repeated.
            guard verdict.isValid, let content = verdict.content else {
                return .json(answer(problems: verdict.problems.map(\.code)))
            }
            let standing = try await desk.database.read { try Extract.standing(of: content, in: $0) }
            return .json(answer(content, verdict.issuer, standing))
        }.noting(refusals: [422: ["web.bad-field"]])
    }

    private static func answer(problems: [String]) -> JSON {
        [
            "valid": false, "problems": .array(problems.map(JSON.string)), "issuer": .null, "code": .null,
            "asOf": .null, "standing": .null, "entriesSince": .null,
        ]
    }

    private static func answer(_ content: JSON, _ issuer: IssuingBody?, _ standing: Extract.Standing) -> JSON
    {
        let (word, since): (String, Int?) =
            switch standing {
            case .current: ("current", 0)
            case .outdated(let entries): ("outdated", entries)
            case .foreign: ("foreign", nil)
            }
        return [
            "valid": .bool(standing != .foreign), "problems": [], "issuer": JSON(issuer?.name),
            "code": content["code"], "asOf": content["asOf"], "standing": .string(word),
            "entriesSince": since.map { JSON($0) } ?? .null,
        ]
    }

    // MARK: the root

    private static func trust(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/trust",
            who: .everyone,
            scope: .open,
            zh: "平台根证书及其指纹",
            en: "The platform's root certificate and its fingerprint",
            response: .list(
                .object([
                    "subject": .text("Common name", lengthMax: 200),
                    "sm3": .text("SM3 of its DER, hexadecimal", lengthMax: 64, pattern: "^[0-9a-f]{64}$"),
                    "pem": .text("The certificate", lengthMax: 8_000),
                    "validFrom": CallShapes.moment, "validUntil": CallShapes.moment,
                ])
            )
        ) { _ in
            .json(
                .array(
                    desk.credentials.anchors.map { anchor in
                        [
                            "subject": .string(anchor.subject.commonName),
                            "sm3": .string(Hex.encode(SM3.digest(anchor.der))), "pem": .string(anchor.pem),
                            "validFrom": .string(anchor.validFrom.description),
                            "validUntil": .string(anchor.validUntil.description),
                        ]
                    }
                )
            )
        }
    }
}

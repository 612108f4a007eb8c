import Audit
import Cryptography
import Kernel
import Storage
import Web

/// What the log has signed, for everybody to keep and compare.
enum LogCalls {
    /// Heads of one answer.
    private static let countMax = 100

    private static let head = Shape.object([
        "at": .integer("When it was signed", unit: "ms"),
        "log": .text("The log's name", lengthMax: 64, pattern: "^[0-9a-f]{64}$"),
        "root": .text("Root of the tree, hexadecimal", lengthMax: 64, pattern: "^[0-9a-f]{64}$"),
        "signature": .text("SM2 with SM3, DER in Base64 (Docs/formats/log.md, section 4)", lengthMax: 200),
        "size": .integer("Over so many entries", min: 0),
    ])

    static func routes(_ desk: APIDesk) -> [Route] {
        [
            .api(
                .get,
                "/api/v1/log/heads",
                who: .everyone,
                scope: .open,
                zh: "日志公钥与最近的签名头",
                en: "The log's key and its latest signed heads",
                request: .object([
                    "below?": .integer("Only heads over fewer entries than this", min: 1)
                ]),
                response: .object([
                    "log": .text("SM3 of the key, hexadecimal", lengthMax: 64, pattern: "^[0-9a-f]{64}$"),
                    "key": .text("SubjectPublicKeyInfo, DER in Base64", lengthMax: 400),
                    "certificates": .list(.text("PEM, the log's first, the root last", lengthMax: 8_000)),
                    "heads": .list(head, countMax: countMax),
                ])
            ) { visit in
                let below = try below(visit)
                let heads = try await desk.database.read {
                    try AuditLog.heads(below: below, limit: countMax, in: $0)
                }
                let identity = desk.keeper.identity
                return .json([
                    "log": .string(desk.keeper.log),
                    "key": .string(Base64.encode(identity.key.publicKey.spki)),
                    "certificates": .array(
                        ([identity.certificate] + identity.issuers).map { .string($0.pem) }
                    ),
                    "heads": .array(heads.map(\.json)),
                ])
            }.noting(refusals: [422: ["web.bad-field"]]),
            .api(
                .get,
                "/api/v1/log/consistency",
                who: .everyone,
                scope: .open,
                zh: "两个签名头之间的一致性证明",
                en: "Proof that a later head only adds to an earlier one",
                request: .object([
                    "from": .integer("Size of the earlier head", min: 1),
                    "to": .integer("Size of the later head", min: 1),
                ]),
                response: .object([
                    "from": .integer("Size of the earlier head", min: 1),
                    "to": .integer("Size of the later head", min: 1),
                    "path": .list(
                        .text(
                            "A node, hexadecimal (RFC 6962, section 2.1.2, with SM3)",
                            lengthMax: 64,
                            pattern: "^[0-9a-f]{64}$"
                        ),
                        countMax: 128
                    ),
                ])
            ) { visit in
                let (from, to) = (try size("from", visit), try size("to", visit))
                guard from <= to else { throw WebRefusal.badField(name: "to") }
                let path = try await desk.database.read { reader in
                    let tree = try LogTree(reader)
                    guard to <= tree.size else { throw WebRefusal.badField(name: "to") }
                    return try tree.consistency(from: from, to: to)
                }
                return .json([
                    "from": JSON(from), "to": JSON(to),
                    "path": .array(path.map { .string(Hex.encode($0)) }),
                ])
            }.noting(refusals: [422: ["web.bad-field"]]),
        ]
    }

    private static func size(_ name: String, _ visit: Visit) throws -> Int64 {
        guard let number = visit.query[name].flatMap({ Int64($0) }), number > 0 else {
            throw WebRefusal.badField(name: name)
        }
        return number
    }

    private static func below(_ visit: Visit) throws -> Int64? {
        guard let words = visit.query["below"] else { return nil }
        guard let number = Int64(words), number > 0 else { throw WebRefusal.badField(name: "below") }
        return number
    }
}

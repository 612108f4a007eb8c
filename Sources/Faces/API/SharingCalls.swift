import CompanyOpening
import Credentials
import Cryptography
import Forms
import Identity
import Kernel
import Standards
import Web

/// The library's calls of other bodies: each names its operator, item, case, purpose and reason, and is told what its
/// body is granted for that item.
enum SharingCalls {
    static func routes(_ desk: APIDesk) -> [Route] {
        [types(desk), search(desk), data(desk), file(desk), recognition(desk)]
    }

    private static let elements = Shape.object([
        "operator": .text("Who acts at the caller", lengthMax: 200),
        "itemName": .text("Name of the service item", lengthMax: 200),
        "itemCode": .text("Code of the service item", lengthMax: 200),
        "caseNumber": .text("Number of the case there", lengthMax: 200),
        "purpose": .text("What it is used for; the holder sees it", lengthMax: 200),
        "reason": .text("Why it is needed; the holder sees it", lengthMax: 200),
    ])

    private static let refusals: [Int: [String]] = [
        403: ["sharing.not-granted"], 404: ["sharing.unknown"],
        422: ["sharing.missing", "sharing.long", "web.bad-field"],
    ]

    private static let licence = Shape.object([
        "type": .text("Key of the type", lengthMax: 64),
        "identifier": .text("Of GB/T 36904; null for one of another register", lengthMax: 120).orNull,
        "state": .choice("Today", CredentialState.allCases.map(\.rawValue)),
        "source": .text("The register that it was taken over from", lengthMax: 200).orNull,
        "values": .anything("Values by the names of the catalogue (ZZMC, CZZT, KZ_…)"),
    ])

    /// The calling body is that of the caller's post, never what a call says of itself.
    private static func call(_ body: JSON, _ visit: Visit, _ desk: APIDesk) throws -> SharingCall {
        let names: Set = ["operator", "itemName", "itemCode", "caseNumber", "purpose", "reason"]
        let call = body["call"]
        if let unknown = call.members.keys.filter({ !names.contains($0) }).min() {
            throw WebRefusal.badField(name: "call.\(unknown.prefix(80))")
        }
        guard case .staff(_, let post) = desk.principal(visit) else { throw WebRefusal.notFound }
        return try SharingCall(
            organisation: post.agency,
            organisationName: desk.opening.agencyName(post.agency),
            operatorName: call["operator"].text,
            itemName: call["itemName"].text,
            itemCode: call["itemCode"].text,
            caseNumber: call["caseNumber"].text,
            purpose: call["purpose"].text,
            reason: call["reason"].text
        )
    }

    private static func body(_ visit: Visit, _ more: Set<String>) throws(WebRefusal) -> JSON {
        try visit.only(more.union(["call"]))
    }

    private static func types(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/types",
            who: .officers,
            scope: .platform,
            zh: "证照类型清单",
            en: "Types of licence that may be asked for",
            request: .object(["call": elements]),
            response: .list(
                .object([
                    "key": .text("Key of the type", lengthMax: 64),
                    "code": .text("Of GB/T 36904", lengthMax: 21),
                    "name": .text("Chinese name", lengthMax: 200),
                    "security": .choice("Who may be told", LicenceSecurity.allCases.map(\.rawValue)),
                ])
            )
        ) { visit in
            let call = try call(try body(visit, []), visit, desk)
            let types = try await desk.sharing.types(call, occasion: visit.occasion)
            return .json(
                .array(
                    types.map {
                        [
                            "key": .string($0.key), "code": .string($0.code), "name": .string($0.name.zh),
                            "security": .string($0.security.rawValue),
                        ]
                    }
                )
            )
        }.noting(refusals: refusals)
    }

    private static func search(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/search",
            who: .officers,
            scope: .platform,
            zh: "按持证主体查找证照",
            en: "Licences of a holder",
            request: .object([
                "call": elements, "holder": .text("Credit code, or account of a person", lengthMax: 64),
                "type": .text("Key of the type", lengthMax: 64),
            ]),
            response: .list(licence)
        ) { visit in
            let body = try body(visit, ["holder", "type"])
            let found = try await desk.sharing.search(
                holder: try body.needed("holder", lengthMax: 64),
                type: try body.needed("type", lengthMax: 64),
                try call(body, visit, desk),
                occasion: visit.occasion
            )
            return .json(.array(found.map(json)))
        }.noting(refusals: refusals)
    }

    private static func data(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/data",
            who: .officers,
            scope: .platform,
            zh: "调取证照数据",
            en: "What stands on a licence",
            request: .object([
                "call": elements,
                "identifier?": .text("Of GB/T 36904; or holder, type and number", lengthMax: 120),
                "holder?": .text("Credit code, or account of a person", lengthMax: 64),
                "type?": .text("Key of the type", lengthMax: 64),
                "number?": .text("Printed number", lengthMax: 200),
            ]),
            response: licence
        ) { visit in
            let body = try body(visit, ["identifier", "holder", "type", "number"])
            let call = try call(body, visit, desk)
            guard let identifier = body["identifier"].text else {
                let found = try await desk.sharing.data(
                    holder: try body.needed("holder", lengthMax: 64),
                    type: try body.needed("type", lengthMax: 64),
                    number: try body.needed("number"),
                    call,
                    occasion: visit.occasion
                )
                return .json(json(found))
            }
            return .json(
                json(try await desk.sharing.data(identifier: identifier, call, occasion: visit.occasion))
            )
        }.noting(refusals: refusals)
    }

    private static func file(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/file",
            who: .officers,
            scope: .platform,
            zh: "调取证照加注件",
            en: "An annotated copy of a licence",
            request: .object([
                "call": elements,
                "identifier?": .text("Of GB/T 36904; or holder, type and number", lengthMax: 120),
                "holder?": .text("Credit code, or account of a person", lengthMax: 64),
                "type?": .text("Key of the type", lengthMax: 64),
                "number?": .text("Printed number", lengthMax: 200),
                "until?": .text("Last day of the copy; the longest allowed without it", format: "date"),
            ]),
            response: .object([
                "copy": .text("Identifier of the copy", lengthMax: 26),
                "validUntil": .text("Last day", format: "date"),
                "digest": .text("SM3 of the file, hexadecimal", lengthMax: 64),
                "file": .text("Base64 of the file"),
            ])
        ) { visit in
            let body = try body(visit, ["identifier", "holder", "type", "number", "until"])
            let call = try call(body, visit, desk)
            let until = body["until"].text.flatMap { LocalDate(parsing: $0) }
            if until == nil, !body["until"].isNull { throw WebRefusal.badField(name: "until") }
            let made: (copy: LicenceCopy, bytes: [UInt8])
            if let identifier = body["identifier"].text {
                made = try await desk.sharing.file(
                    identifier: identifier,
                    until: until,
                    call,
                    occasion: visit.occasion
                )
            } else {
                made = try await desk.sharing.file(
                    holder: try body.needed("holder", lengthMax: 64),
                    type: try body.needed("type", lengthMax: 64),
                    number: try body.needed("number"),
                    until: until,
                    call,
                    occasion: visit.occasion
                )
            }
            return .json([
                "copy": .string(made.copy.id.rawValue),
                "validUntil": .string(made.copy.validUntil.description),
                "digest": .string(made.copy.digest), "file": .string(Base64.encode(made.bytes)),
            ])
        }.noting(
            refusals: refusals.merging([
                409: ["licence-copy.state"],
                422: ["licence-copy.past", "licence-copy.too-long", "sharing.missing", "web.bad-field"],
            ]) { $1 }
        )
    }

    private static func recognition(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/recognition",
            who: .officers,
            scope: .platform,
            zh: "互认外地证照",
            en: "Recognise a licence of another place",
            request: .object(["file": .text("Base64 of the file as it came")]),
            response: .object([
                "id": .text("Under which it is kept", lengthMax: 26),
                "type": .text("Key of the type here", lengthMax: 64),
                "identifier": .text("Of GB/T 36904", lengthMax: 120),
                "root": .text("Whose root it leads to", lengthMax: 64),
            ])
        ) { visit in
            _ = try desk.permissions.scope("licence.recognise", of: desk.principal(visit))
            guard let file = try visit.only(["file"])["file"].text.flatMap(Base64.decode)
            else { throw WebRefusal.badField(name: "file") }
            let kept = try await desk.recognition.recognise(
                file,
                revocation: try await desk.revocations(visit.now),
                toleranceMilliseconds: desk.verification(visit.now.date).toleranceMilliseconds,
                occasion: visit.occasion,
                in: desk.database
            )
            return .json(
                [
                    "id": .string(kept.id.rawValue), "type": .string(kept.type),
                    "identifier": .string(kept.record.identifier.description), "root": .string(kept.root),
                ],
                status: 201
            )
        }.noting(
            status: 201,
            refusals: [
                409: ["recognition.known"],
                422: ["recognition.not-proven", "recognition.type", "web.bad-field"],
            ]
        )
    }

    private static func json(_ licence: SharedLicence) -> JSON {
        [
            "type": .string(licence.type.key), "identifier": JSON(licence.identifier),
            "state": .string(licence.state.rawValue), "source": JSON(licence.source),
            "values": .object(
                Dictionary(licence.values.all.map { ($0.name, JSON.string($0.value)) }) { first, _ in first }
            ),
        ]
    }
}

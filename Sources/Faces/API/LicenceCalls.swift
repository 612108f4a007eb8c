import Credentials
import Forms
import Kernel
import Standards
import Storage
import Web

/// Licences for programs: what a holder shows by a one-time code, and what copies are worth.
enum LicenceCalls {
    static func routes(_ desk: APIDesk) -> [Route] { [presentation(desk), verification(desk)] }

    private static func verification(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/copies/verification",
            who: .everyone,
            scope: .open,
            zh: "核验证照加注件",
            en: "Check an annotated copy",
            request: .object([
                "digest": .text(
                    "SM3 of the copy's file, hexadecimal",
                    lengthMax: 64,
                    pattern: "^[0-9a-f]{64}$"
                )
            ]),
            response: .object([
                "valid": .flag("Made here, in time, and its original stands"),
                "problems": .list(
                    .choice("Class of result", CopyVerdict.Problem.allCases.map(\.rawValue))
                ),
                "original": .text("Identifier of the original (GB/T 36904)", lengthMax: 120).orNull,
                "state": .choice("Of the original, today", CredentialState.allCases.map(\.rawValue)).orNull,
                "for": .text("For whom it was made", lengthMax: 200).orNull,
                "purpose": .text("What for", lengthMax: 200).orNull,
                "validUntil": .text("Last day", format: "date").orNull,
            ])
        ) { visit in
            let digest = try visit.only(["digest"]).needed("digest", lengthMax: 64)
            let verdict = try await desk.database.read {
                try LicenceCopies.verify(digest: digest, at: visit.now, in: $0)
            }
            return .json([
                "valid": .bool(verdict.isValid),
                "problems": .array(verdict.problems.map { .string($0.rawValue) }),
                "original": JSON(verdict.copy?.identifier), "state": JSON(verdict.state?.rawValue),
                "for": JSON(verdict.copy?.forWhom), "purpose": JSON(verdict.copy?.purpose),
                "validUntil": JSON(verdict.copy?.validUntil.description),
            ])
        }.noting(refusals: [422: ["web.bad-field"]])
    }

    private static func presentation(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/licences/presentation",
            who: .everyone,
            scope: .secret,
            zh: "核验亮证码",
            en: "See a licence by its holder's one-time code",
            request: .object([
                "code": .text("As scanned or typed; it counts once", lengthMax: 40),
                "organisation": .text("Who looks; the holder sees it", lengthMax: 200),
                "operator?": .text("The person who looks", lengthMax: 200),
                "item?": .text("Name of the service item", lengthMax: 200),
                "caseNumber?": .text("Number of the case there", lengthMax: 200),
            ]),
            response: .object([
                "type": .text("Key of the type", lengthMax: 64),
                "name": .text("Name of the type", lengthMax: 200),
                "issuer": .text("Issuing body", lengthMax: 200),
                "holder": .text("Masked unless the holder chose otherwise", lengthMax: 200),
                "state": .choice("At this moment", CredentialState.allCases.map(\.rawValue)),
                "stateCode": .text(
                    "01 valid, 02 suspended, 03 withdrawn, 04 cancelled, 05 lapsed, 06 transferred, 07 revoked",
                    lengthMax: 2
                ),
                "purpose": .text("What the holder shows it for", lengthMax: 200), "at": CallShapes.moment,
                "fields": .list(
                    .object([
                        "key": .text("Field", lengthMax: 64),
                        "name": .text("Its Chinese name", lengthMax: 64),
                        "value": .anything("A text, an amount in fen or a list of texts"),
                    ])
                ),
            ])
        ) { visit in
            let body = try visit.only(["code", "organisation", "operator", "item", "caseNumber"])
            let shown = try await desk.presentations.redeem(
                try body.needed("code", lengthMax: 40),
                by: PresentationVerifier(
                    organisation: try body.needed("organisation"),
                    operatorName: body["operator"].text ?? "",
                    address: visit.address,
                    item: body["item"].text,
                    caseNumber: body["caseNumber"].text
                ),
                occasion: visit.occasion
            )
            return .json(json(shown))
        }.noting(
            refusals: [
                404: ["presentation.unknown"], 410: ["presentation.used", "presentation.late"],
                422: ["presentation.verifier", "web.bad-field"],
                429: ["presentation.locked", "presentation.short-locked"],
            ]
        )
    }

    private static func json(_ shown: PresentedLicence) -> JSON {
        [
            "type": .string(shown.type.key), "name": .string(shown.type.name.zh),
            "issuer": .string(shown.issuer), "holder": .string(shown.holderName),
            "state": .string(shown.state.rawValue), "stateCode": .string(shown.state.code),
            "purpose": .string(shown.purpose), "at": .string(shown.at.description),
            "fields": .array(
                shown.fields.map {
                    [
                        "key": .string($0.field.key), "name": .string($0.field.name.zh), "value": $0.value,
                    ]
                }
            ),
        ]
    }
}

import Credentials
import Forms
import Kernel
import Web

/// Licences for programs: what a holder shows by a one-time code.
enum LicenceCalls {
    static func routes(_ desk: APIDesk) -> [Route] { [presentation(desk)] }

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

import Cases
import Catalogue
import Forms
import Kernel
import Storage
import Web

/// What can be applied for, by the definitions that are in force: a program fills a case in by what it reads here.
enum ItemCalls {
    static let item = Shape.text("What is applied for: an `item` of /api/v1/items", lengthMax: 64)

    private static let words = Shape.object([
        "zh": .text("Chinese", lengthMax: 2_000), "en": .text("English", lengthMax: 2_000),
    ])
    private static let brief: KeyValuePairs<String, Shape> = [
        "item": item, "system": .text("The system that offers it", lengthMax: 64), "title": words,
        "for": .list(.choice("Who may apply", ItemDefinition.Applicant.allCases.map(\.rawValue))),
        "procedure": .choice("By which kind of procedure", ProcedureProfile.allCases.map(\.rawValue)),
    ]
    private static let charge = Shape.object([
        "code": .text("Of the charge", lengthMax: 64), "name": words, "law": words,
        "amountFen": .integer("The amount, or that of each unit; null: worked out from answers", unit: "fen")
            .orNull,
        "unit": .anything("What it is charged for each of, in both languages; null: the whole"),
        "sometimes": .flag("Charged in some cases only"),
    ])
    private static let material = Shape.object([
        "name": words, "provenBy": .text("What proves it inside", lengthMax: 100).orNull,
        "file": .text("The field that names the file by which it is handed in", lengthMax: 200).orNull,
        "sometimes": .flag("Needed in some cases only"),
    ])
    private static let field = Shape.object([
        "path": .text("Where its value stands in `data`; [] marks a row", lengthMax: 200),
        "kind": .text("Of Docs/formats/form.md", lengthMax: 32), "label": words,
        "required": .choice("Whether it must be answered", ["always", "sometimes", "never"]),
        "isFilled": .flag("Filled in by the platform, and nobody's to change"),
        "options": .list(.object(["code": .text("The value", lengthMax: 100), "label": words])),
    ])

    static func routes(_ desk: APIDesk) -> [Route] { [all(desk), one(desk)] }

    private static func all(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/items",
            who: .everyone,
            scope: .open,
            zh: "可申请的事项",
            en: "What can be applied for",
            response: .list(.object(brief))
        ) { visit in
            let offered = try await desk.desk.definitions.offered(on: visit.now.date)
            return .json(.array(offered.map(json)))
        }
    }

    private static func one(_ desk: APIDesk) -> Route {
        .api(
            .get,
            "/api/v1/items/{item}",
            who: .everyone,
            scope: .open,
            zh: "事项的表单、材料和收费",
            en: "Form, materials and charges of an item",
            request: .object(["region?": CallShapes.region]),
            response: .object([
                "item": item, "system": .text("The system that offers it", lengthMax: 64), "title": words,
                "for": .list(.choice("Who may apply", ItemDefinition.Applicant.allCases.map(\.rawValue))),
                "procedure": .choice("By which kind of procedure", ProcedureProfile.allCases.map(\.rawValue)),
                "statutory": .text("The time of the law there, such as 15 wd", lengthMax: 20).orNull,
                "promised": .text("The time that is promised there", lengthMax: 20).orNull,
                "isSealed": .flag("The enterprise seals the application, on the pages"),
                "charges": .list(charge), "materials": .list(material),
                "pages": .list(
                    .object([
                        "id": .text("Of the page", lengthMax: 64), "title": words, "fields": .list(field),
                    ])
                ),
            ])
        ) { visit in
            let region = visit.query["region"] ?? visit.region
            guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw WebRefusal.badField(name: "region")
            }
            let definition = try await desk.desk.definitions.offering(
                try visit.segment("item"),
                region: region,
                on: visit.now.date
            )
            return .json(whole(definition, region: region, on: visit.now.date))
        }.noting(refusals: [404: ["case.unknown-item"], 422: ["web.bad-field"]])
    }

    private static func json(_ definition: CaseDefinition) -> JSON {
        [
            "item": .string(definition.item.id), "system": .string(definition.system.id),
            "title": json(definition.item.title),
            "for": .array(definition.item.applicants.map { .string($0.rawValue) }),
            "procedure": .string(definition.item.procedure.rawValue),
        ]
    }

    private static func json(_ words: Words) -> JSON { ["zh": .string(words.zh), "en": .string(words.en)] }

    private static func whole(_ definition: CaseDefinition, region: String, on day: LocalDate) -> JSON {
        let (item, limits) = (definition.item, definition.system.limits)
        var answer = json(definition)
        let statutory = item.statutoryLimit.flatMap { limits.value($0, region: region, on: day)?.period }
        answer["statutory"] = JSON(statutory?.text)
        answer["promised"] = JSON(item.promise(limits, region: region, on: day)?.text)
        answer["isSealed"] = .bool(item.plain?.seal != nil)
        let inForce = definition.limits(region, day)
        answer["charges"] = .array(
            item.charges.map { charge in
                [
                    "code": .string(charge.code), "name": json(charge.name), "law": json(charge.law),
                    "amountFen": charge.listed(inForce).amount.map { JSON($0.fen) } ?? .null,
                    "unit": charge.unit.map(json) ?? .null, "sometimes": .bool(charge.when != nil),
                ]
            }
        )
        answer["materials"] = .array(
            item.materials.map { material in
                [
                    "name": json(material.name), "provenBy": JSON(material.provenBy),
                    "file": JSON(material.asks), "sometimes": .bool(material.when != nil),
                ]
            }
        )
        answer["pages"] = .array(
            definition.form.pages.map { page in
                [
                    "id": .string(page.id), "title": json(page.title),
                    "fields": .array(page.fields.flatMap { fields(of: $0, below: "") }),
                ]
            }
        )
        return answer
    }

    /// A question, or those inside a group or a row.
    private static func fields(of field: FormField, below place: String) -> [JSON] {
        let path = place + field.name
        switch field.kind {
        case .group(let children): return children.flatMap { fields(of: $0, below: "\(path).") }
        case .rows(let children, _, _): return children.flatMap { fields(of: $0, below: "\(path)[].") }
        case .signature: return []
        default: break
        }
        let required =
            switch field.required {
            case .always: field.visible == nil ? "always" : "sometimes"
            case .when: "sometimes"
            case .never: "never"
            }
        let options: [FormOption] =
            switch field.kind {
            case .choice(let options), .multichoice(let options): options
            default: []
            }
        return [
            [
                "path": .string(path), "kind": .string(field.kind.name), "label": json(field.label),
                "required": .string(required),
                "isFilled": .bool(field.computed != nil || field.prefill?.isLocked == true),
                "options": .array(
                    options.map { ["code": .string($0.code), "label": json($0.label)] }
                ),
            ]
        ]
    }
}

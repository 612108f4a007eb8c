import Cases
import Cryptography
import Draws
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing
import Web

/// `/openapi.json` against the shape of OpenAPI 3.1, against the route table, and against real answers.
@Suite("the description of the API", .serialized)
struct DocumentTests {
    private static let verbs: Set<String> = ["get", "post", "put", "delete"]

    @Test(
        "has the shape of OpenAPI 3.1, describes every call with shapes, bounds and refusals, and tells the truth"
    )
    func document() async throws {
        try await FaceTown.open { town in
            let document = try await town.call("GET", "/openapi.json").json
            try shape(document)
            try complete(document, town.site.table.routes)
            try await answers(document, town)
        }
    }

    /// OpenAPI 3.1.0, sections 4.8.1-4.8.17: what is required, and what may stand where.
    private func shape(_ document: JSON) throws {
        #expect(document["openapi"].text == "3.1.0")
        #expect(document["info"]["title"].text?.isEmpty == false && document["info"]["version"].text != nil)
        var names: Set<String> = []
        for (path, item) in document["paths"].members {
            #expect(path.hasPrefix("/"))
            let wanted = Set(path.matches(of: /\{([A-Za-z]+)\}/).map { String($0.output.1) })
            for (verb, operation) in item.members {
                let what = "\(verb) \(path)"
                #expect(Self.verbs.contains(verb), "\(what)")
                let name = try #require(operation["operationId"].text)
                #expect(names.insert(name).inserted, "\(what): operationId twice")
                let parameters = operation["parameters"].elements
                let inPath = parameters.filter { $0["in"].text == "path" }
                #expect(Set(inPath.compactMap { $0["name"].text }) == wanted, "\(what)")
                #expect(inPath.allSatisfy { $0["required"].bool == true }, "\(what)")
                for parameter in parameters {
                    #expect(["path", "query", "header"].contains(parameter["in"].text), "\(what)")
                    schema(parameter["schema"], what)
                }
                let responses = operation["responses"].members
                #expect(
                    responses.keys.contains { $0.hasPrefix("2") } && responses["default"] != nil,
                    "\(what)"
                )
                for (status, response) in responses {
                    #expect(
                        status == "default" || (200...599).contains(Int(status) ?? 0),
                        "\(what) \(status)"
                    )
                    #expect(response["description"].text?.isEmpty == false, "\(what) \(status)")
                    for (type, media) in response["content"].members {
                        #expect(
                            [
                                "application/json", "application/problem+json", "text/event-stream",
                                "application/timestamp-reply",
                            ].contains(type)
                        )
                        schema(media["schema"], "\(what) \(status)")
                    }
                }
                for media in operation["requestBody"]["content"].members.values {
                    schema(media["schema"], what)
                }
            }
        }
        for scheme in document["components"]["securitySchemes"].members.values {
            #expect(scheme["type"].text == "apiKey" && scheme["name"].text != nil && scheme["in"].text != nil)
        }
    }

    private func schema(_ schema: JSON, _ what: String) {
        if let reference = schema["$ref"].text {
            #expect(reference == "#/components/schemas/Problem", "\(what)")
            return
        }
        let types = schema["type"].text.map { [$0] } ?? schema["type"].elements.compactMap(\.text)
        let known: Set<String> = ["string", "integer", "number", "boolean", "array", "object", "null"]
        #expect(types.allSatisfy(known.contains), "\(what): \(schema.canonical)")
        if types.contains("array") {
            #expect(!schema["items"].isNull, "\(what): a list of what?")
            self.schema(schema["items"], what)
        }
        for property in schema["properties"].members.values { self.schema(property, what) }
        let properties = Set(schema["properties"].members.keys)
        #expect(Set(schema["required"].elements.compactMap(\.text)).isSubset(of: properties), "\(what)")
    }

    /// Every call is there, says what it answers, what it refuses by code and how much it takes.
    private func complete(_ document: JSON, _ routes: [Route]) throws {
        for route in routes where route.face == .api {
            let path = route.path.replacing("*}", with: "}")
            let operation = document["paths"][path][route.method.rawValue.lowercased()]
            let what = "\(route.method.rawValue) \(path)"
            guard path != "/openapi.json" else { continue }
            #expect(!operation.isNull, "\(what) is not described")
            let responses = operation["responses"]
            let good = responses.members.first { $0.key.hasPrefix("2") }?.value["content"][
                route.notes.type
            ]["schema"]
            #expect(good?["type"].isNull == false, "\(what) answers what?")
            #expect(responses["429"]["x-codes"].elements.contains("web.too-many-requests"), "\(what)")
            if !route.who.contains(.anonymous) {
                #expect(responses["401"]["x-codes"].elements.contains("web.sign-in-needed"), "\(what)")
                #expect(!operation["security"].elements.isEmpty, "\(what)")
            }
            if route.path.contains("{") { #expect(!responses["404"].isNull, "\(what)") }
            for schema in [good ?? .null]
                + operation["requestBody"]["content"].members.values.map({ $0["schema"] })
            {
                bounded(schema, what)
            }
        }
    }

    /// Texts and whole numbers that come in or go out have bounds or a closed set.
    private func bounded(_ schema: JSON, _ what: String) {
        for (name, property) in schema["properties"].members {
            let types = property["type"].text.map { [$0] } ?? property["type"].elements.compactMap(\.text)
            #expect(
                property["description"].text != nil || types.contains("array") || types.contains("object"),
                "\(what) \(name)"
            )
            bounded(property, what)
            bounded(property["items"], what)
        }
        bounded2(schema["items"], what)
    }

    private func bounded2(_ items: JSON, _ what: String) {
        if !items["properties"].isNull { bounded(items, what) }
    }

    /// Method, path of the route, path that is asked, body, who asks.
    private typealias Call = (String, String, String, JSON?, String?)

    /// A draw that is public, one that is secret still, none, and a bad place to read on.
    private func draws(_ town: FaceTown) async throws -> [String] {
        let box = SealedBox(masterKey: [UInt8](repeating: 7, count: 32))
        let occasion = town.platform.occasion("test")
        let draw = try await town.platform.database.write { tx in
            let draw = try Draws.commit(
                "control-sample:company-opening:2026-02-27",
                box: box,
                occasion: occasion,
                in: tx
            )
            let sample = SampleResult(item: "1502032026", rate: 50_000, isDrawn: false, at: occasion.now)
            try Draws.keep(sample, of: draw.id, in: tx)
            return try Draws.publish(draw.id, box: box, occasion: occasion, in: tx)
        }
        let days = try await town.call("GET", "/api/v1/draws").json["draws"].elements
        let secret = try #require(days.first { $0["seed"].isNull }?["id"].text)
        return [draw.id.rawValue, secret, "none", "\(secret)?after=%20"]
    }

    /// Calls that ask for nobody's name.
    private func open(_ code: String, _ town: FaceTown) async throws -> [Call] {
        let verification = "/api/v1/register/verification"
        let presentation = "/api/v1/licences/presentation"
        let copies = "/api/v1/licences/copies/verification"
        let extract = try await town.call("GET", "/api/v1/register/\(code)/extract").json
        return [
            ("GET", "/api/v1/register/{code}", "/api/v1/register/\(code)", nil, nil),
            ("GET", "/api/v1/register/{code}", "/api/v1/register/91150203MA0N2X4F5L", nil, nil),
            ("POST", verification, verification, extract, nil),
            ("POST", verification, verification, ["text": "x"], nil),
            ("POST", presentation, presentation, ["code": "000000", "organisation": "某银行"], nil),
            ("GET", "/api/v1/items", "/api/v1/items", nil, nil),
            ("GET", "/api/v1/items/{item}", "/api/v1/items/llc?region=150203", nil, nil),
            ("GET", "/api/v1/items/{item}", "/api/v1/items/birth", nil, nil),
            ("POST", "/api/v1/timestamps", "/api/v1/timestamps", ["x": 1], nil),
            ("POST", copies, copies, ["digest": .string(String(repeating: "0", count: 64))], nil),
            ("GET", "/api/v1/trust", "/api/v1/trust", nil, nil),
            ("GET", "/api/v1/log/consistency", "/api/v1/log/consistency?from=1&to=2", nil, nil),
            ("GET", "/api/v1/log/consistency", "/api/v1/log/consistency?from=2&to=1", nil, nil),
            ("GET", "/api/v1/log/heads", "/api/v1/log/heads", nil, nil),
            ("GET", "/api/v1/log/heads", "/api/v1/log/heads?below=none", nil, nil),
            ("GET", "/api/v1/draws", "/api/v1/draws", nil, nil),
            ("GET", "/api/v1/draws", "/api/v1/draws?below=none", nil, nil),
        ] + (try await draws(town)).map { ("GET", "/api/v1/draws/{id}", "/api/v1/draws/\($0)", nil, nil) }
    }

    /// What another body asks of a licence.
    private static func licenceCalls(_ code: String) -> [Call] {
        let elements: JSON = [
            "operator": "白雪", "itemName": "食品经营许可", "itemCode": "000131016000", "caseNumber": "1",
            "purpose": "核验", "reason": "核验主体资格",
        ]
        let which: JSON = [
            "call": elements, "holder": .string(code), "type": "business-licence", "number": .string(code),
        ]
        return [
            ("POST", "/api/v1/licences/types", "/api/v1/licences/types", ["call": elements], "registrar"),
            (
                "POST", "/api/v1/licences/search", "/api/v1/licences/search",
                ["call": elements, "holder": .string(code), "type": "business-licence"], "registrar"
            ),
            ("POST", "/api/v1/licences/data", "/api/v1/licences/data", which, "registrar"),
            ("POST", "/api/v1/licences/data", "/api/v1/licences/data", ["call": elements], "registrar"),
            ("POST", "/api/v1/licences/file", "/api/v1/licences/file", which, "registrar"),
            (
                "POST", "/api/v1/licences/recognition", "/api/v1/licences/recognition", ["file": "eA=="],
                "registrar"
            ),
        ]
    }

    /// Real answers keep to the shapes that are promised.
    private func answers(_ document: JSON, _ town: FaceTown) async throws {
        let review = try await town.inReview("塞上", of: "zhangsan")
        let granted = try await town.granted("阴山", of: "zhangsan")
        let draft = try await town.draft("敕勒", of: "zhangsan")
        let name: JSON = ["division": "包头市昆都仑区", "brand": "云中", "trade": "商贸", "form": "有限公司"]
        let wish: JSON = ["type": "llc", "district": "150203", "name": name, "promised": true]
        let code = granted.result ?? ""
        let calls: [Call] = [
            ("POST", "/api/v1/names/check", "/api/v1/names/check", wish, nil),
            ("POST", "/api/v1/names", "/api/v1/names", wish, "zhangsan"),
            ("POST", "/api/v1/cases", "/api/v1/cases", ["item": "llc", "region": "150203"], "zhangsan"),
            (
                "PUT", "/api/v1/cases/{id}/data", "/api/v1/cases/\(draft.id)/data",
                ["version": JSON(draft.version), "data": draft.data], "zhangsan"
            ),
            (
                "POST", "/api/v1/cases/{id}/signatures", "/api/v1/cases/\(draft.id)/signatures", nil,
                "zhangsan"
            ),
            (
                "POST", "/api/v1/cases/{id}/submission", "/api/v1/cases/\(draft.id)/submission", nil,
                "zhangsan"
            ),
            ("GET", "/api/v1/cases/{id}", "/api/v1/cases/\(review.id)", nil, "zhangsan"),
            ("GET", "/api/v1/cases/{id}", "/api/v1/cases/\(granted.id)", nil, "registrar"),
            ("GET", "/api/v1/cases/{id}/lines", "/api/v1/cases/\(granted.id)/lines", nil, "registrar"),
            ("GET", "/api/v1/cases/{id}/decisions", "/api/v1/cases/\(review.id)/decisions", nil, "zhangsan"),
            (
                "POST", "/api/v1/progress", "/api/v1/progress",
                ["number": .string(granted.number), "code": .string(granted.lookupCode)], nil
            ),
            ("GET", "/api/v1/register/{code}/extract", "/api/v1/register/\(code)/extract", nil, nil),
            (
                "POST", "/api/v1/credentials/verification", "/api/v1/credentials/verification", ["file": "x"],
                nil
            ),
            ("POST", "/api/v1/cases/{id}/files", "/api/v1/cases/\(draft.id)/files", nil, "zhangsan"),
            ("GET", "/api/v1/measures", "/api/v1/measures?region=150203", nil, "head"),
            ("GET", "/api/v1/measures/items", "/api/v1/measures/items?region=150203", nil, "head"),
            ("GET", "/api/v1/my/reads", "/api/v1/my/reads", nil, "zhangsan"),
            ("GET", "/api/v1/changes", "/api/v1/changes?limit=500", nil, "head"),
            ("GET", "/api/v1/changes", "/api/v1/changes?after=99999999", nil, "head"),
            ("GET", "/api/v1/changes/stream", "/api/v1/changes/stream?seconds=0", nil, "supervisor"),
            ("GET", "/api/v1/changes/stream", "/api/v1/changes/stream?after=x", nil, "supervisor"),
            (
                "POST", "/api/v1/cases/{id}/withdrawal", "/api/v1/cases/\(review.id)/withdrawal",
                ["version": JSON(review.version)], "zhangsan"
            ),
            ("GET", "/api/v1/cases/{id}", "/api/v1/cases/\(review.id)", nil, "lisi"),
            ("GET", "/api/v1/measures", "/api/v1/measures?region=abc", nil, "head"),
            ("GET", "/health", "/health", nil, nil), ("GET", "/ready", "/ready", nil, nil),
        ]
        var asked: Set<String> = []
        for (method, pattern, path, body, login) in calls + Self.licenceCalls(code)
            + (try await open(code, town))
        {
            let answer = try await town.call(
                method,
                path,
                body,
                as: login,
                headers: ["idempotency-key": "ABCDEFGHJKMNPQRSTVWX"]
            )
            asked.insert("\(method) \(pattern)")
            compare(answer, "\(method) \(path)", document["paths"][pattern][method.lowercased()], document)
        }
        let all = town.site.table.routes.filter { $0.face == .api && $0.path != "/openapi.json" }
        let missed = all.map { "\($0.method.rawValue) \($0.path)" }.filter { !asked.contains($0) }
        #expect(missed == [], "calls that no answer was compared with")
    }

    /// An answer is one that the call promises, in its shape.
    private func compare(_ answer: FaceTown.Answer, _ what: String, _ operation: JSON, _ document: JSON) {
        let responses = operation["responses"]
        let told = responses[String(answer.status)]
        let promised = told.isNull ? responses["default"] : told
        let type = answer.headers["content-type"] ?? ""
        var schema = promised["content"][type]["schema"]
        #expect(!schema.isNull, "\(what): \(answer.status) \(type) is not described")
        if schema["$ref"].text != nil {
            schema = document["components"]["schemas"]["Problem"]
            #expect(
                told.isNull || told["x-codes"].elements.contains(.string(answer.code)),
                "\(what): \(answer.status) \(answer.code) is not described"
            )
        }
        let said = type == "text/event-stream" ? JSON.string(answer.text) : answer.json
        let wrong = Self.problems(said, schema, "")
        #expect(wrong == [], "\(what): \(answer.text.prefix(300))")
    }

    /// Where a value leaves its JSON Schema (2020-12): the keywords that the document uses.
    private static func problems(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
        let types = schema["type"].text.map { [$0] } ?? schema["type"].elements.compactMap(\.text)
        var wrong: [String] = []
        if !types.isEmpty, !types.contains(where: { matches(value, $0) }) {
            return ["\(path) is no \(types): \(value.canonical.prefix(60))"]
        }
        if !schema["enum"].isNull, !schema["enum"].elements.contains(value) {
            wrong.append("\(path) not in its set")
        }
        if let text = value.text {
            if let max = schema["maxLength"].int, text.count > max { wrong.append("\(path) too long") }
            if let pattern = schema["pattern"].text, let regex = try? Regex(pattern),
                text.firstMatch(of: regex) == nil
            {
                wrong.append("\(path) does not match")
            }
        }
        if let number = value.int {
            if let min = schema["minimum"].int, number < min { wrong.append("\(path) too small") }
            if let max = schema["maximum"].int, number > max { wrong.append("\(path) too large") }
        }
        for name in schema["required"].elements.compactMap(\.text) where value.members[name] == nil {
            wrong.append("\(path).\(name) is missing")
        }
        if !schema["properties"].isNull {
            for (name, member) in value.members {
                let property = schema["properties"][name]
                if property.isNull {
                    wrong.append("\(path).\(name) is not described")
                } else {
                    wrong += problems(member, property, "\(path).\(name)")
                }
            }
        }
        for (index, element) in value.elements.enumerated() where !schema["items"].isNull {
            wrong += problems(element, schema["items"], "\(path)[\(index)]")
        }
        return wrong
    }

    private static func matches(_ value: JSON, _ type: String) -> Bool {
        switch (type, value) {
        case ("string", .string), ("boolean", .bool), ("array", .array), ("object", .object), ("null", .null):
            true
        case ("integer", .number): value.int != nil
        case ("number", .number): true
        default: false
        }
    }
}

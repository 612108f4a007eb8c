import Foundation
import Kernel

/// The API's description (OpenAPI 3.1.0), written from the route table.
enum OpenAPI {
    /// - Parameter notes: what whoever reads it has to know of this installation, a paragraph each.
    static func document(_ routes: [Route], notes: [String] = []) -> JSON {
        var paths: JSON = [:]
        for route in routes where route.face == .api {
            paths[plain(route.path)][route.method.rawValue.lowercased()] = operation(route)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Suban", "version": "1",
                "description": .string((["蒙速办接口 / The API of Suban"] + notes).joined(separator: "\n\n")),
            ],
            "paths": paths,
            "components": [
                "securitySchemes": [
                    "session": ["type": "apiKey", "in": "cookie", "name": "suban-session"],
                    "agencyKey": ["type": "apiKey", "in": "header", "name": "Suban-Signature"],
                ],
                "schemas": ["Problem": problem],
            ],
        ]
    }

    private static var problem: JSON {
        Shape.object([
            "type": .text("A path that names the kind of refusal"), "title": .text("What is wrong"),
            "status": .integer("The HTTP status"), "detail": .text("What to do next"),
            "code": .text("Stable; never renamed"), "instance": .text("The request's reference"),
        ]).json
    }

    private static func plain(_ path: String) -> String { path.replacingOccurrences(of: "*}", with: "}") }

    private static func operation(_ route: Route) -> JSON {
        let success: JSON = [
            "description": .string(route.summary.en),
            "content": .object([route.notes.type: ["schema": route.response?.json ?? [:]]]),
        ]
        var operation: JSON = [
            "operationId": .string(name(route)),
            "summary": .string("\(route.summary.zh) / \(route.summary.en)"),
            "responses": responses(route, success: success),
            "x-who": .array(route.who.map(\.rawValue).sorted().map(JSON.string)),
            "x-scope": .string(route.scope.rawValue),
        ]
        var parameters = RouteTable.steps(route.path).compactMap(\.name).map { name -> JSON in
            [
                "name": .string(name), "in": "path", "required": true,
                "schema": ["type": "string", "maxLength": 64],
            ]
        }
        for (name, shape) in route.notes.headers.sorted(by: { $0.key < $1.key }) {
            let isNeeded = !name.hasSuffix("?")
            parameters.append([
                "name": .string(isNeeded ? name : String(name.dropLast())), "in": "header",
                "required": .bool(isNeeded), "schema": shape.json,
            ])
        }
        if route.method == .get, let query = route.request {
            let required = Set(query.json["required"].elements.compactMap(\.text))
            for (name, schema) in query.json["properties"].members.sorted(by: { $0.key < $1.key }) {
                parameters.append([
                    "name": .string(name), "in": "query", "required": .bool(required.contains(name)),
                    "schema": schema,
                ])
            }
        } else if let body = route.request {
            operation["requestBody"] = [
                "required": true,
                "content": .object([route.notes.takes ?? "application/json": ["schema": body.json]]),
            ]
        }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if !route.who.contains(.anonymous) {
            var schemes: [JSON] = []
            if route.who.contains(.agencyKey) { schemes.append(["agencyKey": []]) }
            if route.who != [.agencyKey] { schemes.append(["session": []]) }
            operation["security"] = .array(schemes)
        }
        return operation
    }

    private static func failure(_ codes: [String]) -> JSON {
        [
            "description": .string(codes.isEmpty ? "拒绝 / refused" : codes.joined(separator: ", ")),
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            "x-codes": .array(codes.map(JSON.string)),
        ]
    }

    /// The good answer, what every call may meet, and what this one may.
    private static func responses(_ route: Route, success: JSON) -> JSON {
        var refusals = route.notes.refusals
        refusals[429, default: []].append("web.too-many-requests")
        refusals[503, default: []].append("web.closed")
        if !route.who.contains(.anonymous) {
            refusals[401, default: []].append("web.sign-in-needed")
            refusals[403, default: []].append("web.forbidden")
        }
        if route.method != .get {
            refusals[503, default: []].append("web.maintenance")
            refusals[400, default: []] += [
                "json.badNumber", "json.duplicateKey", "json.tooDeep", "json.unexpected",
            ]
            refusals[403, default: []].append("web.form-not-ours")
            refusals[413, default: []].append("web.body-too-large")
            refusals[415, default: []].append("web.unsupported-body")
            refusals[422, default: []].append("web.bad-field")
        }
        if route.path.contains("{") { refusals[404, default: []].append("web.not-found") }
        var responses: JSON = [String(route.notes.status): success, "default": failure([])]
        for (status, codes) in refusals {
            responses[String(status)] = failure(codes.sorted())
        }
        return responses
    }

    /// `POST /api/v1/cases/{id}/withdraw` → `post-cases-id-withdraw`.
    private static func name(_ route: Route) -> String {
        var words: [String] = [route.method.rawValue.lowercased()]
        for part in route.path.split(separator: "/") where part != "api" && part != "v1" {
            words.append(String(part.filter { $0.isLetter || $0.isNumber || $0 == "-" }))
        }
        return words.joined(separator: "-")
    }
}

import Foundation
import Kernel

/// The API's description (OpenAPI 3.1.0), written from the route table.
enum OpenAPI {
    static func document(_ routes: [Route]) -> JSON {
        var paths: JSON = [:]
        for route in routes where route.face == .api {
            paths[plain(route.path)][route.method.rawValue.lowercased()] = operation(route)
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": "Suban", "version": "1", "description": "蒙速办接口 / The API of Suban"],
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
        let failure: JSON = [
            "description": "拒绝 / refused",
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
        ]
        let success: JSON = [
            "description": .string(route.summary.en),
            "content": ["application/json": ["schema": route.response?.json ?? [:]]],
        ]
        var operation: JSON = [
            "operationId": .string(name(route)),
            "summary": .string("\(route.summary.zh) / \(route.summary.en)"),
            "responses": ["200": success, "default": failure],
            "x-who": .array(route.who.map(\.rawValue).sorted().map(JSON.string)),
            "x-scope": .string(route.scope.rawValue),
        ]
        var parameters = RouteTable.steps(route.path).compactMap(\.name).map { name -> JSON in
            ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
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
                "required": true, "content": ["application/json": ["schema": body.json]],
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

    /// `POST /api/v1/cases/{id}/withdraw` → `post-cases-id-withdraw`.
    private static func name(_ route: Route) -> String {
        var words: [String] = [route.method.rawValue.lowercased()]
        for part in route.path.split(separator: "/") where part != "api" && part != "v1" {
            words.append(String(part.filter { $0.isLetter || $0.isNumber || $0 == "-" }))
        }
        return words.joined(separator: "-")
    }
}

public import Kernel

/// The shape of a body, as JSON Schema 2020-12 writes it.
public struct Shape: Sendable {
    public let json: JSON

    public init(json: JSON) { self.json = json }

    /// - Parameter pattern: a regular expression of ECMA-262 that the whole text keeps, anchored by the caller.
    public static func text(
        _ about: String,
        format: String? = nil,
        lengthMax: Int? = nil,
        pattern: String? = nil
    ) -> Shape {
        var json: JSON = ["type": "string", "description": .string(about)]
        if let format { json["format"] = .string(format) }
        if let lengthMax { json["maxLength"] = JSON(lengthMax) }
        if let pattern { json["pattern"] = .string(pattern) }
        return Shape(json: json)
    }

    public static func choice(_ about: String, _ values: [String]) -> Shape {
        Shape(json: [
            "type": "string", "description": .string(about), "enum": .array(values.map(JSON.string)),
        ])
    }

    /// - Parameter unit: such as `ms` or `fen`; goes out as `x-unit`.
    public static func integer(
        _ about: String,
        unit: String? = nil,
        min: Int? = nil,
        max: Int? = nil
    ) -> Shape {
        var json: JSON = ["type": "integer", "description": .string(about)]
        if let unit { json["x-unit"] = .string(unit) }
        if let min { json["minimum"] = JSON(min) }
        if let max { json["maximum"] = JSON(max) }
        return Shape(json: json)
    }

    public static func number(_ about: String) -> Shape {
        Shape(json: ["type": "number", "description": .string(about)])
    }

    public static func flag(_ about: String) -> Shape {
        Shape(json: ["type": "boolean", "description": .string(about)])
    }

    public static func list(_ element: Shape, countMax: Int? = nil) -> Shape {
        var json: JSON = ["type": "array", "items": element.json]
        if let countMax { json["maxItems"] = JSON(countMax) }
        return Shape(json: json)
    }

    /// The same, or null.
    public var orNull: Shape {
        var json = json
        if let type = json["type"].text { json["type"] = [.string(type), "null"] }
        if case .array(let values) = json["enum"] { json["enum"] = .array(values + [.null]) }
        return Shape(json: json)
    }

    /// Any JSON value.
    public static func anything(_ about: String) -> Shape { Shape(json: ["description": .string(about)]) }

    /// An object. A name that ends in `?` is optional.
    public static func object(_ members: KeyValuePairs<String, Shape>) -> Shape {
        var properties: JSON = [:]
        var required: [JSON] = []
        for (name, shape) in members {
            if name.hasSuffix("?") {
                properties[String(name.dropLast())] = shape.json
            } else {
                properties[name] = shape.json
                required.append(.string(name))
            }
        }
        var json: JSON = ["type": "object", "properties": properties]
        if !required.isEmpty { json["required"] = .array(required) }
        return Shape(json: json)
    }
}

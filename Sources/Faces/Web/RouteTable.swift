/// Every route of the program. Finds the one that is asked for and knows all others.
public struct RouteTable: Sendable {
    public let routes: [Route]
    /// Of each route's placeholders.
    private let names: [[String]]
    private let root: RouteNode

    /// Why a table cannot be used.
    public struct Contradiction: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ routes: [Route]) throws(Contradiction) {
        let builder = RouteNode.Builder()
        for (index, route) in routes.enumerated() {
            let name = "\(route.method.rawValue) \(route.path)"
            guard !route.who.isEmpty else { throw Contradiction(description: "\(name): nobody may") }
            guard route.path.hasPrefix("/") else {
                throw Contradiction(description: "\(name): no slash in front")
            }
            if route.face == .api && !route.path.hasPrefix("/api/") && route.method != .get {
                throw Contradiction(
                    description: "\(name): calls of the API that change something begin with /api/"
                )
            }
            guard builder.add(RouteTable.steps(route.path), route.method, index) else {
                throw Contradiction(description: "\(name) is there twice")
            }
        }
        self.routes = routes
        names = routes.map { RouteTable.steps($0.path).compactMap(\.name) }
        root = builder.build()
    }

    enum Match {
        case route(Route, segments: [String: String])
        case otherMethods([String])
        case nothing
    }

    /// - Parameter path: decoded segments.
    func find(_ method: Route.Method?, _ path: [String]) -> Match {
        var segments: [String] = []
        guard let node = root.find(path[...], &segments) else { return .nothing }
        guard let method, let index = node.methods[method] else {
            var allowed = node.methods.keys.map(\.rawValue)
            if node.methods[.get] != nil { allowed.append("HEAD") }
            return .otherMethods(allowed.sorted())
        }
        return .route(routes[index], segments: Dictionary(zip(names[index], segments)) { $1 })
    }

    /// Whether a browser that asks for the decoded path gets a page.
    func answersPage(_ path: [String]) -> Bool {
        if case .route(let route, _) = find(.get, path) { return route.face == .page }
        return false
    }

    public func has(_ method: Route.Method, _ path: String) -> Bool {
        routes.contains { $0.method == method && $0.path == path }
    }

    enum Step: Hashable {
        case fixed(String)
        case one(String)
        case rest(String)

        var name: String? {
            switch self {
            case .fixed: nil
            case .one(let name), .rest(let name): name
            }
        }
    }

    static func steps(_ path: String) -> [Step] {
        path.split(separator: "/").map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return .fixed(String(part)) }
            let name = String(part.dropFirst().dropLast())
            return name.hasSuffix("*") ? .rest(String(name.dropLast())) : .one(name)
        }
    }
}

/// A place in the tree of paths. A fixed word goes before a placeholder.
private struct RouteNode: Sendable {
    var methods: [Route.Method: Int] = [:]
    var fixed: [String: RouteNode] = [:]
    /// At most one: the node for any segment.
    var one: [RouteNode] = []
    var rest: [Route.Method: Int] = [:]

    func find(_ path: ArraySlice<String>, _ segments: inout [String]) -> RouteNode? {
        guard let first = path.first else { return methods.isEmpty ? nil : self }
        if let next = fixed[first], let found = next.find(path.dropFirst(), &segments) { return found }
        if let next = one.first {
            segments.append(first)
            if let found = next.find(path.dropFirst(), &segments) { return found }
            segments.removeLast()
        }
        guard !rest.isEmpty else { return nil }
        segments.append(path.joined(separator: "/"))
        return RouteNode(methods: rest)
    }

    final class Builder {
        private var root = RouteNode()

        func add(_ steps: [RouteTable.Step], _ method: Route.Method, _ index: Int) -> Bool {
            RouteNode.add(steps[...], method, index, to: &root)
        }

        func build() -> RouteNode { root }
    }

    private static func add(
        _ steps: ArraySlice<RouteTable.Step>,
        _ method: Route.Method,
        _ index: Int,
        to node: inout RouteNode
    ) -> Bool {
        guard let first = steps.first else { return node.methods.updateValue(index, forKey: method) == nil }
        switch first {
        case .fixed(let word):
            return add(steps.dropFirst(), method, index, to: &node.fixed[word, default: RouteNode()])
        case .one:
            if node.one.isEmpty { node.one.append(RouteNode()) }
            return add(steps.dropFirst(), method, index, to: &node.one[0])
        case .rest:
            return steps.count == 1 && node.rest.updateValue(index, forKey: method) == nil
        }
    }
}

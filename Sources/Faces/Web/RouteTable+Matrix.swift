extension RouteTable {
    /// Who may do what, one line a route: method, path, scope, then a mark for each role in the order of `Role`.
    /// A reviewed copy is checked in; a route without its line fails the tests.
    public var matrix: String {
        let head = ["method", "path", "scope"] + Role.allCases.map(\.rawValue)
        var lines: [String] = []
        for route in routes {
            var cells = [route.method.rawValue, route.path, route.scope.rawValue]
            for role in Role.allCases { cells.append(route.who.contains(role) ? "x" : "-") }
            lines.append(cells.joined(separator: "\t"))
        }
        return ([head.joined(separator: "\t")] + lines.sorted()).joined(separator: "\n") + "\n"
    }
}

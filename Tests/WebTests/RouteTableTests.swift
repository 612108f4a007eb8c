import Testing

@testable import Web

@Suite("the route table")
struct RouteTableTests {
    private func route(_ method: Route.Method, _ path: String, who: Set<Role> = .everyone) -> Route {
        .page(method, path, who: who, scope: .open, zh: "路", en: "way") { _ in .text(path) }
    }

    private func table() throws -> RouteTable {
        try RouteTable([
            route(.get, "/"), route(.get, "/cases"), route(.post, "/cases"), route(.get, "/cases/{id}"),
            route(.get, "/cases/new"), route(.post, "/cases/{id}/withdraw"), route(.get, "/files/{rest*}"),
        ])
    }

    @Test(
        "finds the route and what its placeholders stand for",
        arguments: [
            ("/", "/", [:]), ("/cases", "/cases", [:]), ("/cases/new", "/cases/new", [:]),
            ("/cases/17", "/cases/{id}", ["id": "17"]), ("/files/a/b", "/files/{rest*}", ["rest": "a/b"]),
        ]
    )
    func finds(path: String, expected: String, segments: [String: String]) throws {
        let steps = path.split(separator: "/").map(String.init)
        guard case .route(let found, let values) = try table().find(.get, steps) else {
            Issue.record("\(path) was not found")
            return
        }
        #expect(found.path == expected)
        #expect(values == segments)
    }

    @Test(
        "knows nothing of other paths",
        arguments: ["/case", "/cases/17/x", "/cases/new/withdrawn", "/files"]
    )
    func nothing(path: String) throws {
        guard case .nothing = try table().find(.get, path.split(separator: "/").map(String.init)) else {
            Issue.record("\(path) was found")
            return
        }
    }

    @Test("names the methods of a path that is asked with another")
    func otherMethods() throws {
        guard case .otherMethods(let allowed) = try table().find(.delete, ["cases"]) else {
            Issue.record("found")
            return
        }
        #expect(allowed == ["GET", "HEAD", "POST"])
    }

    @Test("refuses a table that contradicts itself")
    func contradictions() {
        #expect(throws: RouteTable.Contradiction.self) {
            try RouteTable([route(.get, "/cases/{id}"), route(.get, "/cases/{number}")])
        }
        #expect(throws: RouteTable.Contradiction.self) { try RouteTable([route(.get, "/x", who: [])]) }
        #expect(throws: RouteTable.Contradiction.self) { try RouteTable([route(.get, "x")]) }
    }

    @Test("the matrix has a mark for every role")
    func matrix() throws {
        let lines = try RouteTable([route(.get, "/a", who: [.clerk])]).matrix.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[1].split(separator: "\t").count == 3 + Role.allCases.count)
        #expect(lines[1].split(separator: "\t").filter { $0 == "x" }.count == 1)
    }
}

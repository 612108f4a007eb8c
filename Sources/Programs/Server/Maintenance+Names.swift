import Cases
import Registers
import Search
import Storage

extension Maintenance {
    /// What was looked over, and how much of it can be found by its name only since.
    public struct NameIndex: Sendable {
        public var cases = 0
        public var subjects = 0
        public var put = 0
    }

    /// Makes cases and subjects findable by their names that are not, such as those that an older program wrote beside a
    /// newer one. What is there stays, so that it may run beside a server, be broken off and be run again.
    public func indexNames() async throws -> NameIndex {
        var index = NameIndex()
        func go(
            _ kind: String,
            _ count: WritableKeyPath<NameIndex, Int>,
            _ page: @escaping @Sendable (String, any Reader) throws -> SearchPage
        ) async throws {
            var after = ""
            while true {
                let key = after
                let found = try await database.read { try page(key, $0) }
                guard let last = found.last else { return }
                if !found.isWhole {
                    index.put += try await database.write { try found.put(kind: kind, in: $0) }
                }
                index[keyPath: count] += found.looked
                after = last
            }
        }
        try await go(CaseSearchStore.kind, \.cases) {
            try CaseSearchStore.page(after: $0, limit: Self.pageOfNames, in: $1)
        }
        try await go(RegisterStore.kind, \.subjects) {
            try RegisterStore.page(after: $0, limit: Self.pageOfNames, in: $1)
        }
        return index
    }

    /// Short enough for a read beside a server.
    private static let pageOfNames = 500
}

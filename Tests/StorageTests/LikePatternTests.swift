import Storage
import Testing
import TestSupport

@Suite("words in a search mean themselves")
struct LikePatternTests {
    @Test(
        "a sign that LIKE reads finds only itself",
        arguments: [("50%", "50!"), ("a_b", "acb"), ("!", "?"), ("!%", "!!"), ("甲_", "甲乙")]
    )
    func literal(words: String, other: String) async throws {
        try await forEachEngine { database in
            let found = try await database.read { reader in
                try reader.query(
                    "SELECT a.word FROM (SELECT $1 AS word UNION ALL SELECT $2) a WHERE a.word LIKE $3 ESCAPE '!'",
                    "x\(words)y",
                    "x\(other)y",
                    LikePattern.containing(words)
                ).map { try $0.text(0) }
            }
            #expect(found == ["x\(words)y"])
        }
    }
}

import Cases
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import Testing

/// Lists of one's own matters on the pages.
@Suite("lists of one's own matters", .serialized)
struct OwnListTests {
    @Test("home, 我的办件 and the wallet show their lines without opening a single sealed form")
    func forms() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft("塞上", of: "zhangsan")
            let granted = try await town.granted("阴山", of: "zhangsan")
            // A form that nobody can open any more: whoever tries fails.
            try await town.platform.database.write {
                _ = try $0.execute("UPDATE case_case SET data = substr(data, 1, 60)")
            }
            let code = try #require(granted.result)
            for (path, words) in [
                ("/", draft.number), ("/my", draft.number), ("/my", granted.number), ("/wallet", code),
            ] {
                let answer = try await town.get(path, as: "zhangsan")
                #expect(answer.status == 200 && answer.text.contains(words), "\(path)")
            }
            #expect(try await town.get("/cases/\(granted.number)", as: "zhangsan").status >= 500)
        }
    }
}

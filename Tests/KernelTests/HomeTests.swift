import Foundation
import Kernel
import Testing

@Suite("the program's own folder")
struct HomeTests {
    @Test("a folder without Resources and Systems is refused with what was tried")
    func missing() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "home-\(UUID().uuidString)"
        ).path
        let error = #expect(throws: Home.Missing.self) { try Home.find(named: folder) }
        #expect(error?.tried == [folder])
        #expect(error?.description.contains("--home") == true)
        for name in ["Resources", "Systems"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)",
                withIntermediateDirectories: true
            )
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let home = try Home.find(named: folder)
        #expect(home.resource("a/b.tsv") == "\(folder)/Resources/a/b.tsv")
    }

    @Test("an occasion in another's name keeps time, request and purpose")
    func occasions() {
        let occasion = Occasion(now: Instant(milliseconds: 5), actor: .anonymous, request: "r", purpose: "p")
        let other = occasion.by(.platform("timers"))
        #expect(other.now == occasion.now && other.request == "r" && other.purpose == "p")
        #expect(other.actor.kind == .platform)
    }

    @Test("a manual clock stands still until told")
    func clock() {
        let clock = ManualClock(Instant(milliseconds: 1))
        #expect(clock.now == clock.now)
        clock.set(Instant(milliseconds: 9))
        #expect(clock.now.milliseconds == 9)
    }
}

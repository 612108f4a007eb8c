import Catalogue
import FaceSupport
import Forms
import Kernel
import Server
import Standards
import Testing

/// What a licence of the library shows must not be asked for again.
@Suite("what a licence proves")
struct MustNotAskTests {
    private func system(_ material: String) -> SystemFolder {
        let yaml = """
            id: sample
            name: {zh: 样例, en: Sample}
            source: S4 m15
            owner: 某局
            engines: [case]
            clauses: []
            items:
              - id: one
                item: 食品经营许可
                title: {zh: 样例, en: Sample}
                procedure: licence
                for: [enterprise]
                agency: 市场监督管理局
                trips: 0
                fee: {zh: 不收费, en: Free}
                materials:
                  - {name: {zh: \(material), en: Material}, orElse: upload}
                flow:
                  review: {by: staff, role: registrar, agency: 市场监督管理局}
                gives: []
            """
        return SystemFolder(files: ["system.yaml": Array(yaml.utf8)])
    }

    @Test(
        "a system that asks for it is refused where it asks, with the licence that shows it; another is published"
    )
    func refused() async throws {
        try await FaceTown.open { town in
            let platform = town.platform
            func publish(_ material: String) async throws {
                try await platform.publish(
                    system(material),
                    effective: platform.clock.now.date,
                    note: "test",
                    occasion: platform.occasion("publish")
                )
            }
            for material in ["营业执照复印件", "食品经营许可证", "结婚证复印件"] {
                do {
                    try await publish(material)
                    Issue.record("\(material) may be asked for")
                } catch {
                    let words = "\(error)"
                    #expect(
                        words.contains("system.yaml:17:") && words.contains("do not ask for it"),
                        "\(words)"
                    )
                    #expect(words.contains("licence"), "\(words)")
                }
            }
            try await publish("平面图")
        }
    }
}

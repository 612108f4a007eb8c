import Foundation
import Testing

@testable import Web

@Suite("QR codes")
struct QRCodeTests {
    @Test(
        "another program reads back what we drew",
        arguments: ["https://suban.example/verify/ABC234", "办件 NMG-2026-000123 查询码 7K3M9Q", "a&b<c>\"'"]
    )
    func reads(text: String) throws {
        let svg = try QRCode.markup(text, title: "码").description
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("code.pgm")
        try picture(of: svg).write(to: file)
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/usr/bin/zbarimg")
        reader.arguments = ["--quiet", "--raw", "-Sbinary", file.path]
        let pipe = Pipe()
        reader.standardOutput = pipe
        reader.standardError = FileHandle.nullDevice
        try reader.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        reader.waitUntilExit()
        #expect(String(decoding: data, as: UTF8.self) == text)
    }

    @Test("a text that no code holds is refused")
    func tooLong() {
        #expect(throws: QRCode.TooLong.self) {
            try QRCode.markup(String(repeating: "x", count: 5_000), title: "")
        }
    }

    /// The drawing as a grey picture, eight points a module.
    private func picture(of svg: String) throws -> Data {
        let box = try #require(svg.firstMatch(of: #/viewBox="0 0 (\d+) \d+"/#))
        let side = try #require(Int(box.1))
        var dark = Set<Int>()
        for run in svg.matches(of: #/M(\d+) (\d+)h(\d+)v1/#) {
            let (x, y, length) = (Int(run.1) ?? 0, Int(run.2) ?? 0, Int(run.3) ?? 0)
            for column in x..<(x + length) { dark.insert(y * side + column) }
        }
        var data = Data("P5\n\(side * 8) \(side * 8)\n255\n".utf8)
        for y in 0..<(side * 8) {
            for x in 0..<(side * 8) { data.append(dark.contains(y / 8 * side + x / 8) ? 0 : 255) }
        }
        return data
    }
}

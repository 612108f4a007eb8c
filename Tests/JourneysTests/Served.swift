import AsyncHTTPClient
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The server as a process of its own, asked as the public asks it.
struct Served {
    let address: String

    /// Starts the server on a folder, lets `body` ask it, stops it and waits until it has ended in order.
    static func from(
        _ folder: String,
        databaseURL: String? = nil,
        _ body: (Served) async throws -> Void
    ) async throws {
        let server = Process()
        let out = Pipe()
        server.executableURL = Program.path
        server.arguments = ["serve", "--data", folder, "--port", String(try freePort())]
        server.environment = ProcessInfo.processInfo.environment.merging(
            ["DATABASE_URL": databaseURL ?? ""],
            uniquingKeysWith: { $1 }
        )
        server.standardOutput = out
        server.standardError = FileHandle.nullDevice
        try server.run()
        // The first line is the address, written once the server listens; none when it ended.
        let line = String(decoding: out.fileHandleForReading.availableData, as: UTF8.self)
        let address = line.split(separator: "\n").first.map(String.init) ?? ""
        #expect(address.hasPrefix("http://127.0.0.1:"), "the server did not start")
        if address.hasPrefix("http://") { try await body(Served(address: address)) }
        server.terminate()
        server.waitUntilExit()
        #expect(server.terminationStatus == 0)
    }

    func get(_ path: String) async throws -> (status: Int, text: String) {
        let answer = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: address + path),
            timeout: .seconds(30)
        )
        let body = try await answer.body.collect(upTo: 1 << 22)
        return (Int(answer.status.code), String(decoding: body.readableBytesView, as: UTF8.self))
    }
}

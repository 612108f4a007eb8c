import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Takes a body in, never more than allowed and never longer than allowed.
struct BodyReader: Sendable {
    /// For a whole body.
    let secondsMax: Int

    enum Kind: Equatable {
        case form, json, none
        case other(String)
    }

    static func kind(_ header: String?, isEmpty: Bool) -> Kind {
        // As nearly everybody writes it; the rest is for the others.
        if header == "application/json" { return .json }
        let type = (header ?? "").split(separator: ";").first.map(String.init) ?? ""
        switch type.trimmingCharacters(in: .whitespaces).lowercased() {
        case "application/x-www-form-urlencoded": return .form
        case "application/json": return .json
        case "": return isEmpty ? .none : .other("application/octet-stream")
        default: return isEmpty ? .none : .other(String(type.prefix(80)))
        }
    }

    func read(_ request: Request, max: Int) async throws -> [UInt8] {
        if let coding = request.headers[.transferEncoding], coding.lowercased() != "chunked" {
            throw WebRefusal.unreadableForm(reason: "transfer-encoding")
        }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > max {
            throw WebRefusal.bodyTooLarge(bytesMax: max)
        }
        if request.method == .get || request.method == .head { return [] }
        if request.headers[.contentLength] == "0" { return [] }
        let (body, seconds) = (request.body, secondsMax)
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            let arrival = Arrival()
            group.addImmediateTask {
                let bytes = try await BodyReader.collect(body, max: max)
                arrival.isWhole.store(true, ordering: .relaxed)
                return bytes
            }
            // Most bodies come with their head: then there is no time to watch.
            if arrival.isWhole.load(ordering: .relaxed) { return try await group.next() ?? [] }
            group.addTask {
                try await SlowBodies.shared.wait(seconds: seconds)
                throw WebRefusal.bodyTooSlow
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() else { return [] }
            return bytes
        }
    }

    private final class Arrival: Sendable {
        let isWhole = Atomic(false)
    }

    private static func collect(_ body: RequestBody, max: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= max else {
                    throw WebRefusal.bodyTooLarge(bytesMax: max)
                }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let refusal as WebRefusal {
            throw refusal
        } catch let error where !(error is CancellationError) {
            // The connection broke off, or what came is no HTTP.
            throw WebRefusal.unreadableForm(reason: "body")
        }
        return bytes
    }
}

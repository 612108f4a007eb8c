import Foundation

/// A port of the loopback that nobody has now: for programs that have to be told theirs. It lies below those that the system
/// gives to whoever connects (ip(7), `ip_local_port_range`), of which one may be gone again before the program has started.
/// - Throws: `NoFreePort`.
public func freePort() throws -> Int {
    for _ in 0..<1_000 {
        let port = Int.random(in: 20_000..<32_000)
        if isFree(port) { return port }
    }
    throw NoFreePort()
}

private func isFree(_ port: Int) -> Bool {
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}

public struct NoFreePort: Error, CustomStringConvertible {
    public let description = "no port of the loopback is free"
}

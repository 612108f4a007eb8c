import Foundation

/// Comes to a server of the tests before it is stopped, on a connection of its own, and leaves with an answer.
///
/// The library's server traps when it is stopped while somebody connects, and a client's pool may still have a connection
/// on its way that it needs no more. Connections are taken in the order in which they came: after this one none waits.
public enum LastVisitor {
    /// - Parameter port: on 127.0.0.1.
    public static func come(to port: Int) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                visit(port)
                continuation.resume()
            }
        }
    }

    private static func visit(_ port: Int) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { return }
        defer { close(file) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isThere = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(file, $0, length) == 0 }
        }
        guard isThere else { return }
        let request = Array("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return
        }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while recv(file, &buffer, buffer.count, 0) > 0 {}
    }
}

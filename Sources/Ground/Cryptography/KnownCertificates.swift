internal import COpenSSL
import Synchronization

/// A certificate as OpenSSL holds it.
///
/// Unchecked: the X509 is never changed after it was read and was given the user identifier, its reference count is
/// atomic, and what OpenSSL finds out about its extensions it keeps under a lock of its own.
final class OpenCertificate: @unchecked Sendable {
    let handle: OpaquePointer

    /// Takes over `handle`.
    init(owning handle: OpaquePointer) { self.handle = handle }

    deinit { X509_free(handle) }
}

/// Certificates that were read, by their bytes: the same few stand in almost everything that is made and verified, and
/// reading one costs OpenSSL as much as a signature.
final class KnownCertificates: Sendable {
    private struct Name: Hashable {
        let scheme: Swift.ObjectIdentifier
        let der: [UInt8]
    }

    private let read = Mutex<[Name: any Sendable]>([:])
    /// Some megabytes, whatever files from outside bring along.
    private static let (countMax, bytesMax) = (512, 4_096)

    func find<Scheme>(_ der: [UInt8]) -> X509Certificate<Scheme>? {
        let name = Name(scheme: Swift.ObjectIdentifier(Scheme.self), der: der)
        return read.withLock { $0[name] } as? X509Certificate<Scheme>
    }

    func keep<Scheme>(_ certificate: X509Certificate<Scheme>) {
        guard certificate.der.count <= Self.bytesMax else { return }
        let name = Name(scheme: Swift.ObjectIdentifier(Scheme.self), der: certificate.der)
        read.withLock { read in
            if read.count >= Self.countMax { read.removeAll() }
            read[name] = certificate
        }
    }
}

let knownCertificates = KnownCertificates()

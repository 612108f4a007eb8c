internal import COpenSSL

/// For what a certificate of this platform was issued: the extended key usages (RFC 5280, section 4.2.1.12) it bears.
/// Those of the platform's own are under the arc of UUIDs (ITU-T X.667), which nobody has to register.
///
/// All lead to one root, so the mark is what keeps a person's certificate from passing for the log's.
public enum CertificatePurpose: String, Sendable, CaseIterable {
    /// Heads, promises and nothing else (Docs/formats/log.md).
    case log = "2.25.156976476587300553328363153663220733081"
    /// Licences, seals and certified extracts of an authority (Docs/formats/credential.md).
    case licences = "2.25.102146297233537630421206107769184928885"
    /// Somebody's own signature under a text.
    case signatures = "2.25.319552243812773285611378793098654609501"
    /// Indexes of archives and nothing else (Docs/formats/archive.md).
    case archives = "2.25.110875681356445924284057526023344250749"
    /// Signatures in PDF: protection of mail, which readers ask for, and Adobe's authentic documents.
    case documents = "1.3.6.1.5.5.7.3.4,1.2.840.113583.1.1.5"
    /// Time-stamp tokens: critical and alone (RFC 3161, section 2.3).
    case timestamps = "1.3.6.1.5.5.7.3.8"

    /// The value of the extension in OpenSSL's words.
    var extensionValue: String { self == .timestamps ? "critical,\(rawValue)" : rawValue }

    /// The content bytes of each object identifier.
    var identifiers: [[UInt8]] {
        rawValue.split(separator: ",").map { ObjectIdentifier.bytes(of: String($0)) }
    }
}

extension X509Certificate {
    public typealias Purpose = CertificatePurpose

    /// Whether the certificate was issued for that.
    public func isFor(_ purpose: Purpose) -> Bool {
        let isAllowed = purpose.identifiers.allSatisfy(purposes.contains)
        return purpose == .timestamps
            ? isAllowed && purposes.count == 1 && hasCriticalPurposes
            : isAllowed
    }

    /// Whether it says for what it was issued. Those from before the marks do not.
    public var isMarked: Bool { !purposes.isEmpty }

    /// Whether it was issued for a server, for programs, for time stamps or for answers on revocation: its key lies in a
    /// machine, and nobody's signature under a text is made with it.
    public var isForOtherThanSigning: Bool {
        ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"]
            .contains { purposes.contains(ObjectIdentifier.bytes(of: $0)) }
    }

    /// The object identifiers of the extended key usage, and whether it is critical. None when there is no such
    /// extension, or it is not written as `SEQUENCE OF OBJECT IDENTIFIER` with lengths below 128.
    static func purposes(of handle: OpaquePointer) -> (all: [[UInt8]], critical: Bool) {
        let place = X509_get_ext_by_NID(handle, NID_ext_key_usage, -1)
        guard place >= 0, let found = X509_get_ext(handle, place), let value = X509_EXTENSION_get_data(found)
        else { return ([], false) }
        let bytes = Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value)))
        )
        guard bytes.count >= 2, bytes[0] == 0x30, bytes[1] < 0x80, Int(bytes[1]) == bytes.count - 2 else {
            return ([], false)
        }
        var all: [[UInt8]] = []
        var rest = bytes.dropFirst(2)
        while let tag = rest.first {
            guard tag == 0x06, let count = rest.dropFirst().first, count < 0x80, rest.count >= 2 + Int(count)
            else { return ([], false) }
            all.append(Array(rest.dropFirst(2).prefix(Int(count))))
            rest = rest.dropFirst(2 + Int(count))
        }
        return (all, X509_EXTENSION_get_critical(found) == 1)
    }
}

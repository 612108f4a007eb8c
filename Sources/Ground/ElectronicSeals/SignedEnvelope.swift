public import Cryptography
public import Kernel
import SwiftASN1

/// A detached signature of one signer in SignedData: by GB/T 35275 with SM2, or as CMS (RFC 5652) with P-256 or RSA. OpenSSL
/// knows no SM2 there, so it is read by the same rules for all: on the bytes as they lie in the file.
public struct SignedEnvelope: Sendable {
    /// Certificates that came along, the signer's too, in DER.
    public let certificates: [[UInt8]]
    /// The signer's certificate in DER.
    public let signer: [UInt8]
    /// The digest of content and attributes.
    public let digestAlgorithm: ImprintAlgorithm
    /// An object identifier with dots.
    public let signatureAlgorithm: String
    public let signature: [UInt8]
    /// When the signer says that he signed.
    public let claimed: Instant?
    /// RFC 3161 token over the bytes of `signature`.
    public let timestamp: [UInt8]?
    /// What the signer's attributes say of the content; nil without attributes, when the content itself is signed.
    let attributes: Attributes?

    /// All certificates once, the signer's first.
    public var way: [[UInt8]] { [signer] + certificates.filter { $0 != signer } }

    struct Attributes: Sendable {
        /// The SET as it is signed.
        let bytes: [UInt8]
        let messageDigest: [UInt8]
    }

    /// ECDSA with SHA-256, as `signatureAlgorithm` names it.
    public static let ecdsaWithSHA256 = EnvelopeObject.ecdsaWithSHA256
    /// Nobody's signature is longer.
    public static let sizeMax = 65_536
    private static let certificatesMax = 16

    /// Reads DER without bytes after it. Content that lies inside is refused: what is signed lies elsewhere.
    public init(der bytes: [UInt8]) throws(SealFormatError) {
        guard bytes.count <= Self.sizeMax else { throw SealFormatError("SignedData") }
        var outer = try DERParts(try derRoot(bytes, "ContentInfo"), "ContentInfo")
        guard EnvelopeObject.signedData.contains(try outer.object("contentType")) else {
            throw SealFormatError("ContentInfo.contentType")
        }
        var explicit = try DERParts(try outer.next("content"), "ContentInfo.content", tag: .contextZero)
        try outer.end()
        var data = try DERParts(try explicit.next("SignedData"), "SignedData")
        try explicit.end()
        _ = try data.integer("version")
        _ = try data.next("digestAlgorithms")
        var content = try DERParts(try data.next("encapContentInfo"), "encapContentInfo")
        guard EnvelopeObject.data.contains(try content.object("eContentType")) else {
            throw SealFormatError("encapContentInfo.eContentType")
        }
        try content.end()
        certificates = try Self.certificates(&data)
        if data.tag == .contextOne { _ = try data.next("crls") }
        var infos = try DERParts(try data.next("signerInfos"), "signerInfos", tag: .set)
        try data.end()
        guard infos.count == 1 else { throw SealFormatError("signerInfos") }
        var info = try DERParts(try infos.next("SignerInfo"), "SignerInfo")
        _ = try info.integer("version")
        signer = try Self.signer(try info.next("sid"), among: certificates)
        digestAlgorithm = try Self.digest(try info.next("digestAlgorithm"))
        if info.tag == .contextZero {
            let read = try Self.attributes(try info.next("signedAttrs"))
            (attributes, claimed) = (read.attributes, read.claimed)
        } else {
            (attributes, claimed) = (nil, nil)
        }
        signatureAlgorithm = try Self.algorithm(try info.next("signatureAlgorithm"))
        signature = try info.octets("signature")
        timestamp = try Self.timestamp(&info)
        try info.end()
    }

    /// Whether the signer's key signed this content. The certificate is judged by whoever asks.
    /// - Throws: the class of the fault: `ALGORITHM`, `DOC_HASH`, `SIG_VALUE`, `FORMAT`.
    public func checkValue(of content: [UInt8]) throws(VerificationProblem) {
        let signed: [UInt8]
        if let attributes {
            guard digest(content) == attributes.messageDigest else {
                throw VerificationProblem(.documentHash, "messageDigest")
            }
            signed = attributes.bytes
        } else {
            guard !Self.isAttributes(content) else { throw VerificationProblem(.format, "signedAttrs") }
            signed = content
        }
        let isGood: Bool
        switch (signatureAlgorithm, digestAlgorithm) {
        case (SealObject.sm2WithSM3, .sm3):
            isGood = try key(SM2.self).verify(signature: signature, of: signed)
        case (EnvelopeObject.ecdsaWithSHA256, .sha256):
            isGood = try key(P256.self).verify(signature: signature, of: signed)
        case (EnvelopeObject.rsa, .sha256), (EnvelopeObject.rsaWithSHA256, .sha256):
            isGood = try key(RSA.self).verify(signature: signature, of: signed)
        default: throw VerificationProblem(.algorithm, signatureAlgorithm)
        }
        guard isGood else { throw VerificationProblem(.signatureValue, "SignerInfo") }
    }

    /// Whether a content could be the attributes of another signature, over which that one would seem to be made here, without
    /// its attributes (RFC 5652, section 5.4, signs the SET of them).
    private static func isAttributes(_ content: [UInt8]) -> Bool {
        // However it is encoded, the identifier of messageDigest stands in it.
        content.first == 0x31 && content.firstRange(of: EnvelopeObject.messageDigestBytes) != nil
    }

    private func digest(_ content: [UInt8]) -> [UInt8] {
        digestAlgorithm == .sm3 ? SM3.digest(content) : SHA256.digest(content)
    }

    private func key<Scheme>(_ scheme: Scheme.Type) throws(VerificationProblem) -> PublicKey<Scheme> {
        do { return try X509Certificate<Scheme>(der: signer).publicKey } catch {
            throw VerificationProblem(.algorithm, "SignerInfo.sid")
        }
    }

    // MARK: - Parts

    private static func certificates(_ data: inout DERParts) throws(SealFormatError) -> [[UInt8]] {
        guard data.tag == .contextZero else { return [] }
        var list = try DERParts(try data.next("certificates"), "certificates", tag: .contextZero)
        guard list.count <= certificatesMax else { throw SealFormatError("certificates") }
        var all: [[UInt8]] = []
        while list.tag != nil { all.append(Array(try list.next("certificate").encodedBytes)) }
        return all
    }

    /// The certificate that `IssuerAndSerialNumber` names.
    private static func signer(_ node: ASN1Node, among all: [[UInt8]]) throws(SealFormatError) -> [UInt8] {
        var sid = try DERParts(node, "sid")
        let issuer = Array(try sid.next("issuer").encodedBytes)
        let serial = Array(try sid.next("serialNumber").encodedBytes)
        try sid.end()
        for der in all {
            var certificate = try DERParts(try derRoot(der, "certificate"), "certificate")
            var body = try DERParts(try certificate.next("tbsCertificate"), "tbsCertificate")
            if body.tag == .contextZero { _ = try body.next("version") }
            guard Array(try body.next("serialNumber").encodedBytes) == serial else { continue }
            _ = try body.next("signature")
            if Array(try body.next("issuer").encodedBytes) == issuer { return der }
        }
        throw SealFormatError("sid")
    }

    private static func algorithm(_ node: ASN1Node) throws(SealFormatError) -> String {
        var parts = try DERParts(node, "AlgorithmIdentifier")
        return try parts.object("algorithm")
    }

    private static func digest(_ node: ASN1Node) throws(SealFormatError) -> ImprintAlgorithm {
        switch try algorithm(node) {
        case SealObject.sm3: return .sm3
        case EnvelopeObject.sha256: return .sha256
        default: throw SealFormatError("digestAlgorithm")
        }
    }

    private static func attributes(_ node: ASN1Node) throws(SealFormatError) -> (
        attributes: Attributes, claimed: Instant?
    ) {
        // What is signed is the SET, not the tag that it bears here (RFC 5652, section 5.4).
        var bytes = Array(node.encodedBytes)
        bytes[0] = 0x31
        var all = try DERParts(node, "signedAttrs", tag: .contextZero)
        var message: [UInt8]?
        var type: String?
        var claimed: Instant?
        var seen: Set<String> = []
        while all.tag != nil {
            var one = try DERParts(try all.next("Attribute"), "Attribute")
            let name = try one.object("attrType")
            guard seen.insert(name).inserted else { throw SealFormatError("signedAttrs") }
            var values = try DERParts(try one.next("attrValues"), "attrValues", tag: .set)
            switch name {
            case EnvelopeObject.messageDigest: message = try values.octets("messageDigest")
            case EnvelopeObject.contentType: type = try values.object("contentType")
            case EnvelopeObject.signingTime: claimed = try values.time("signingTime")
            default: continue
            }
            try values.end()
        }
        guard let message, let type, EnvelopeObject.data.contains(type) else {
            throw SealFormatError("signedAttrs")
        }
        return (Attributes(bytes: bytes, messageDigest: message), claimed)
    }

    private static func timestamp(_ info: inout DERParts) throws(SealFormatError) -> [UInt8]? {
        guard info.tag == .contextOne else { return nil }
        var all = try DERParts(try info.next("unsignedAttrs"), "unsignedAttrs", tag: .contextOne)
        var found: [UInt8]?
        while all.tag != nil {
            var one = try DERParts(try all.next("Attribute"), "Attribute")
            guard try one.object("attrType") == EnvelopeObject.timestampToken else { continue }
            var values = try DERParts(try one.next("attrValues"), "attrValues", tag: .set)
            guard found == nil, values.count == 1 else { throw SealFormatError("unsignedAttrs") }
            found = Array(try values.next("TimeStampToken").encodedBytes)
        }
        return found
    }
}

/// Object identifiers of SignedData.
enum EnvelopeObject {
    /// GB/T 35275, and PKCS #7.
    static let signedData = ["1.2.156.10197.6.1.4.2.2", "1.2.840.113549.1.7.2"]
    static let data = ["1.2.156.10197.6.1.4.2.1", "1.2.840.113549.1.7.1"]
    static let contentType = "1.2.840.113549.1.9.3"
    static let messageDigest = "1.2.840.113549.1.9.4"
    static let messageDigestBytes: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04,
    ]
    static let signingTime = "1.2.840.113549.1.9.5"
    static let timestampToken = "1.2.840.113549.1.9.16.2.14"
    static let sha256 = "2.16.840.1.101.3.4.2.1"
    static let ecdsaWithSHA256 = "1.2.840.10045.4.3.2"
    static let rsa = "1.2.840.113549.1.1.1"
    static let rsaWithSHA256 = "1.2.840.113549.1.1.11"
}

public import Kernel
import SwiftASN1

/// SES_Signature (GB/T 38540-2020): what a seal was put to, when, and by whose key.
public struct SealSignature: Hashable, Sendable {
    public let standard: SealStandard
    /// The DER bytes as they were read or written.
    public let bytes: [UInt8]
    public let seal: ElectronicSeal
    /// The signer's own time: a claim, unless a timestamp proves it.
    public let time: Instant
    /// SM3 of what is protected.
    public let dataHash: [UInt8]
    /// What is protected; in OFD the absolute path of Signature.xml.
    public let scope: String
    public let extensions: [ElectronicSeal.Extension]
    /// The signer's X.509 certificate in DER.
    public let signerCertificate: [UInt8]
    public let signatureAlgorithm: String
    /// DER `SEQUENCE {r, s}` over `signedBytes`.
    public let signature: [UInt8]
    /// RFC 3161 token over the bytes of `signature`.
    public let timestamp: [UInt8]?
    /// TBS_Sign as it lies in `bytes`.
    public let signedBytes: [UInt8]

    /// Reads SES_Signature of 2020 or 2025 without bytes after it. One of 2014 is refused by the place `version`.
    public init(der bytes: [UInt8]) throws(SealFormatError) {
        self.bytes = bytes
        var parts = try DERParts(try derRoot(bytes, "SES_Signature"), "SES_Signature")
        let toSign = try parts.next("toSign")
        guard parts.tag == .octetString else { throw SealFormatError("SES_Signature.version") }
        signerCertificate = try parts.octets("cert")
        signatureAlgorithm = try parts.object("signatureAlgID")
        signature = try parts.bits("signature")
        timestamp = try ElectronicSeal.timestamp(&parts)
        try parts.end()
        signedBytes = Array(toSign.encodedBytes)
        var body = try DERParts(toSign, "TBS_Sign")
        let version = try body.integer("version")
        seal = try ElectronicSeal(try body.next("eseal"))
        time = try body.time("timeInfo")
        dataHash = try body.bits("dataHash")
        scope = try body.ascii("propertyInfo")
        if body.tag == .contextZero {
            var inner = try DERParts(try body.next("extDatas"), "TBS_Sign.extDatas", tag: .contextZero)
            extensions = try ElectronicSeal.extensions(try inner.next("value"))
            try inner.end()
        } else {
            extensions = []
        }
        try body.end()
        guard let standard = SealStandard(rawValue: version), standard != .gmt0031of2014,
            standard == seal.standard
        else { throw SealFormatError("TBS_Sign.version") }
        self.standard = standard
    }
}

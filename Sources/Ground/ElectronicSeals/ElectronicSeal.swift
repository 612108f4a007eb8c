public import Kernel
import SwiftASN1

/// Which text a seal or signature was written by; told by the count of its parts and `SES_Header.version`.
public enum SealStandard: Int, Hashable, Sendable, CaseIterable {
    /// GM/T 0031-2014: recognised, its seals are checked, its signatures are not.
    case gmt0031of2014 = 1
    /// GB/T 38540-2020: what this platform writes.
    case gbt38540of2020 = 4
    /// GM/T 0031-2025: the rules of 2020, and a timestamp over the seal.
    case gmt0031of2025 = 5
}

/// SESeal (GB/T 38540-2020): picture, owner's certificates and validity under the signature of whoever made the seal.
public struct ElectronicSeal: Hashable, Sendable {
    public let standard: SealStandard
    /// The DER bytes as they were read or written.
    public let bytes: [UInt8]
    public let content: Content
    /// The maker's X.509 certificate in DER.
    public let makerCertificate: [UInt8]
    public let signatureAlgorithm: String
    /// DER `SEQUENCE {r, s}` over `signedBytes`.
    public let signature: [UInt8]
    /// Only in seals of 2025: a timestamp over the signature's value, in DER.
    public let timestamp: [UInt8]?
    /// What the maker signed: SES_SealInfo as it lies in `bytes`; in seals of 2014 with certificate and algorithm.
    public let signedBytes: [UInt8]

    /// SES_SealInfo.
    public struct Content: Hashable, Sendable {
        /// Tag of the product that made it, `Vid`.
        public var vendor: String
        /// The seal's own number, `esID`.
        public var code: String
        /// What kind of seal; the standard leaves the numbers to whoever uses them.
        public var type: Int
        public var name: String
        public var signers: Signers
        public var createdAt: Instant
        public var validFrom: Instant
        public var validUntil: Instant
        public var picture: Picture
        public var extensions: [Extension]

        public init(
            vendor: String,
            code: String,
            type: Int,
            name: String,
            signers: Signers,
            createdAt: Instant,
            validFrom: Instant,
            validUntil: Instant,
            picture: Picture,
            extensions: [Extension] = []
        ) {
            self.vendor = vendor
            self.code = code
            self.type = type
            self.name = name
            self.signers = signers
            self.createdAt = createdAt
            self.validFrom = validFrom
            self.validUntil = validUntil
            self.picture = picture
            self.extensions = extensions
        }
    }

    /// SES_CertList: whose keys may sign with the seal.
    public enum Signers: Hashable, Sendable {
        /// Whole certificates in DER.
        case certificates([[UInt8]])
        /// Digests of certificates; `type` names the algorithm.
        case digests([Digest])

        public struct Digest: Hashable, Sendable {
            public let type: String
            public let value: [UInt8]

            public init(type: String, value: [UInt8]) {
                self.type = type
                self.value = value
            }
        }
    }

    /// SES_ESPictrueInfo; width and height in millimetres.
    public struct Picture: Hashable, Sendable {
        /// `PNG`, `GIF`, `BMP`, `JPG`, `SVG` or `ofd`.
        public let type: String
        public let bytes: [UInt8]
        public let width: Int
        public let height: Int

        public init(type: String, bytes: [UInt8], width: Int, height: Int) {
            self.type = type
            self.bytes = bytes
            self.width = width
            self.height = height
        }
    }

    /// ExtData.
    public struct Extension: Hashable, Sendable {
        public let object: String
        public let isCritical: Bool
        public let value: [UInt8]

        public init(object: String, isCritical: Bool = false, value: [UInt8]) {
            self.object = object
            self.isCritical = isCritical
            self.value = value
        }
    }

    /// Reads a seal of any of the three standards, without bytes after it.
    public init(der bytes: [UInt8]) throws(SealFormatError) {
        try self.init(derRoot(bytes, "SESeal"))
    }

    init(_ node: ASN1Node) throws(SealFormatError) {
        bytes = Array(node.encodedBytes)
        var parts = try DERParts(node, "SESeal")
        let info = try parts.next("eSealInfo")
        if parts.tag == .sequence {
            // GM/T 0031-2014: what follows is one SEQUENCE of certificate, algorithm and value.
            var signInfo = try DERParts(try parts.next("signInfo"), "SES_SignInfo")
            let certificate = try signInfo.next("cert")
            let algorithm = try signInfo.next("signatureAlgorithm")
            (makerCertificate, signatureAlgorithm) = try Self.signer(certificate, algorithm)
            signature = try signInfo.bits("signData")
            try signInfo.end()
            signedBytes = Self.sequence(of: [info, certificate, algorithm])
            timestamp = nil
        } else {
            makerCertificate = try parts.octets("cert")
            signatureAlgorithm = try parts.object("signAlgID")
            signature = try parts.bits("signedValue")
            timestamp = try Self.timestamp(&parts)
            signedBytes = Array(info.encodedBytes)
        }
        try parts.end()
        (standard, content) = try Self.content(info, isFlat: parts.count > 2)
        guard timestamp == nil || standard == .gmt0031of2025 else {
            throw SealFormatError("SESeal.timeStamp")
        }
    }
}

extension ElectronicSeal {
    /// `timeStamp [0] EXPLICIT BIT STRING OPTIONAL`.
    static func timestamp(_ parts: inout DERParts) throws(SealFormatError) -> [UInt8]? {
        guard parts.tag == .contextZero else { return nil }
        var inner = try DERParts(try parts.next("timeStamp"), "timeStamp", tag: .contextZero)
        let token = try inner.bits("value")
        try inner.end()
        return token
    }

    private static func signer(_ certificate: ASN1Node, _ algorithm: ASN1Node) throws(SealFormatError)
        -> ([UInt8], String)
    {
        do {
            return (
                Array(try ASN1OctetString(derEncoded: certificate).bytes),
                try DERObject.read(algorithm)
            )
        } catch { throw SealFormatError("SES_SignInfo") }
    }

    private static func sequence(of nodes: [ASN1Node]) -> [UInt8] {
        var writer = DER.Serializer()
        writer.appendConstructedNode(identifier: .sequence) { inner in
            for node in nodes { inner.serializeRawBytes(node.encodedBytes) }
        }
        return writer.serializedBytes
    }

    /// - Parameter isFlat: whether the seal has the four or five parts of 2020 and 2025.
    private static func content(_ info: ASN1Node, isFlat: Bool) throws(SealFormatError)
        -> (SealStandard, Content)
    {
        var parts = try DERParts(info, "SES_SealInfo")
        var header = try DERParts(try parts.next("header"), "SES_Header")
        guard try header.ascii("ID") == "ES" else { throw SealFormatError("SES_Header.ID") }
        let version = try header.integer("version")
        let vendor = try header.ascii("Vid")
        try header.end()
        // Seals of the first text bear 1, 2 or 3.
        let standard = version <= 3 ? SealStandard.gmt0031of2014 : SealStandard(rawValue: version)
        guard let standard, version >= 1, isFlat == (standard != .gmt0031of2014) else {
            throw SealFormatError("SES_Header.version")
        }
        let code = try parts.ascii("esID")
        var property = try DERParts(try parts.next("property"), "SES_ESPropertyInfo")
        let type = try property.integer("type")
        let name = try property.utf8("name")
        let isDigests = isFlat ? try property.integer("certListType") : 1
        let list = try property.next("certList")
        let signers = try Self.signers(list, type: isDigests)
        let created = try property.time("createDate")
        let from = try property.time("validStart")
        let until = try property.time("validEnd")
        try property.end()
        var picture = try DERParts(try parts.next("picture"), "SES_ESPictrueInfo")
        let image = Picture(
            type: try picture.ascii("type"),
            bytes: try picture.octets("data"),
            width: try picture.integer("width"),
            height: try picture.integer("height")
        )
        try picture.end()
        let extensions = parts.tag == nil ? [] : try Self.extensions(try parts.next("extDatas"))
        try parts.end()
        return (
            standard,
            Content(
                vendor: vendor,
                code: code,
                type: type,
                name: name,
                signers: signers,
                createdAt: created,
                validFrom: from,
                validUntil: until,
                picture: image,
                extensions: extensions
            )
        )
    }

    private static func signers(_ list: ASN1Node, type: Int) throws(SealFormatError) -> Signers {
        var parts = try DERParts(list, "SES_CertList")
        switch type {
        case 1:
            var certificates: [[UInt8]] = []
            while parts.tag != nil { certificates.append(try parts.octets("cert")) }
            return .certificates(certificates)
        case 2:
            var digests: [Signers.Digest] = []
            while parts.tag != nil {
                var one = try DERParts(try parts.next("digest"), "CertDigestObj")
                digests.append(.init(type: try one.printable("type"), value: try one.octets("value")))
                try one.end()
            }
            return .digests(digests)
        default: throw SealFormatError("SES_ESPropertyInfo.certListType")
        }
    }

    static func extensions(_ node: ASN1Node) throws(SealFormatError) -> [Extension] {
        var parts = try DERParts(node, "ExtensionDatas")
        var extensions: [Extension] = []
        while parts.tag != nil {
            var one = try DERParts(try parts.next("extData"), "ExtData")
            let object = try one.object("extnID")
            // Seals in use write the default FALSE as well, which DER forbids; what was signed is the bytes.
            let isCritical = try one.optionalBoolean("critical")
            extensions.append(
                Extension(object: object, isCritical: isCritical, value: try one.octets("extnValue"))
            )
            try one.end()
        }
        return extensions
    }
}

extension ASN1Identifier {
    static let contextZero = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
    static let contextOne = ASN1Identifier(tagWithNumber: 1, tagClass: .contextSpecific)
}

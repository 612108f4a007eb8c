public import Cryptography
public import Kernel
import SwiftASN1

extension SignedEnvelope {
    /// Signs content by GB/T 35275 with SM2: SignedData without the content, the signer's certificate and its issuers
    /// without the root, and a time stamp over the signature.
    /// - Parameter timestamp: gives an RFC 3161 token over the bytes handed to it.
    public static func sign(
        _ content: [UInt8],
        by signer: SigningIdentity,
        at now: Instant,
        timestamp: ([UInt8]) throws(CryptographyError) -> [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard let claimed = now.generalized else { throw .engine("GeneralizedTime") }
        let attributes = try written { list in
            try list.attribute(EnvelopeObject.contentType) { try $0.object(EnvelopeObject.data[0]) }
            try list.attribute(EnvelopeObject.signingTime) { try $0.serialize(claimed) }
            try list.attribute(EnvelopeObject.messageDigest) {
                try $0.serialize(ASN1OctetString(contentBytes: SM3.digest(content)[...]))
            }
        }
        // In DER the elements of a SET are in the order of their bytes (X.690, section 11.6).
        let set = try sorted(attributes)
        let value = try signer.key.sign(try wrapped(.set, set))
        let token = try timestamp(value)
        let (issuer, serial) = try names(of: signer.certificate)
        return try written { file in
            try file.sequence { info throws in
                try info.object(EnvelopeObject.signedData[0])
                try info.within(.contextZero) { explicit throws in
                    try explicit.sequence { data throws in
                        try data.serialize(1)
                        try data.within(.set) { try $0.algorithm(SealObject.sm3) }
                        try data.sequence { try $0.object(EnvelopeObject.data[0]) }
                        try data.within(.contextZero) { list in
                            for one in [signer.certificate] + signer.issuers.dropLast() {
                                list.serializeRawBytes(one.der)
                            }
                        }
                        try data.within(.set) { infos throws in
                            try infos.sequence { info throws in
                                try info.serialize(1)
                                try info.sequence { sid in
                                    sid.serializeRawBytes(issuer)
                                    sid.serializeRawBytes(serial)
                                }
                                try info.algorithm(SealObject.sm3)
                                try info.within(.contextZero) { $0.serializeRawBytes(set) }
                                try info.algorithm(SealObject.sm2WithSM3)
                                try info.serialize(ASN1OctetString(contentBytes: value[...]))
                                try info.within(.contextOne) { attributes throws in
                                    try attributes.attribute(EnvelopeObject.timestampToken) {
                                        $0.serializeRawBytes(token)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Issuer and serial number as they lie in a certificate.
    private static func names(of certificate: Certificate) throws(CryptographyError) -> (
        issuer: [UInt8], serial: [UInt8]
    ) {
        do throws(SealFormatError) {
            var outer = try DERParts(try derRoot(certificate.der, "certificate"), "certificate")
            var body = try DERParts(try outer.next("tbsCertificate"), "tbsCertificate")
            if body.tag == .contextZero { _ = try body.next("version") }
            let serial = Array(try body.next("serialNumber").encodedBytes)
            _ = try body.next("signature")
            return (Array(try body.next("issuer").encodedBytes), serial)
        } catch { throw .badCertificate }
    }

    private static func sorted(_ elements: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let sequence = try wrapped(.sequence, elements)
        do throws(SealFormatError) {
            var parts = try DERParts(try derRoot(sequence, "SET"), "SET")
            var all: [[UInt8]] = []
            while parts.tag != nil { all.append(Array(try parts.next("element").encodedBytes)) }
            return Array(all.sorted { $0.lexicographicallyPrecedes($1) }.joined())
        } catch { throw .engine("SET") }
    }

    private static func wrapped(_ tag: ASN1Identifier, _ content: [UInt8]) throws(CryptographyError)
        -> [UInt8]
    {
        try written { try $0.within(tag) { $0.serializeRawBytes(content) } }
    }

    private static func written(_ write: (inout DER.Serializer) throws -> Void) throws(CryptographyError)
        -> [UInt8]
    {
        var writer = DER.Serializer()
        do { try write(&writer) } catch { throw .engine("DER: \(error)") }
        return writer.serializedBytes
    }
}

extension DER.Serializer {
    fileprivate mutating func within(
        _ tag: ASN1Identifier,
        _ write: (inout DER.Serializer) throws -> Void
    ) throws {
        try appendConstructedNode(identifier: tag) { try write(&$0) }
    }

    fileprivate mutating func sequence(_ write: (inout DER.Serializer) throws -> Void) throws {
        try within(.sequence, write)
    }

    fileprivate mutating func object(_ dotted: String) throws {
        guard let content = DERObject.content(dotted) else { throw SealFormatError("OBJECT IDENTIFIER") }
        appendPrimitiveNode(identifier: .objectIdentifier) { $0.append(contentsOf: content) }
    }

    fileprivate mutating func algorithm(_ dotted: String) throws { try sequence { try $0.object(dotted) } }

    fileprivate mutating func attribute(
        _ dotted: String,
        _ write: (inout DER.Serializer) throws -> Void
    ) throws {
        try sequence { one throws in
            try one.object(dotted)
            try one.within(.set, write)
        }
    }
}

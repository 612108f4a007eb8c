public import Cryptography
public import Kernel
import SwiftASN1

extension ElectronicSeal {
    /// Makes a seal by GB/T 38540-2020 under the maker's signature. The maker's issuers, the root left out, go along
    /// in an extension.
    public init(_ content: Content, madeBy maker: SigningIdentity) throws(CryptographyError) {
        var content = content
        content.extensions += Extension.issuers(of: maker)
        let info = try der { writer in try content.write(into: &writer) }
        let value = try maker.key.sign(info)
        bytes = try der { writer in
            try writer.appendConstructedNode(identifier: .sequence) { seal throws in
                seal.serializeRawBytes(info)
                try seal.serialize(ASN1OctetString(contentBytes: maker.certificate.der[...]))
                try seal.appendObject(SealObject.sm2WithSM3)
                try seal.serialize(ASN1BitString(bytes: value[...]))
            }
        }
        standard = .gbt38540of2020
        self.content = content
        makerCertificate = maker.certificate.der
        signatureAlgorithm = SealObject.sm2WithSM3
        signature = value
        timestamp = nil
        signedBytes = info
    }
}

extension SealSignature {
    /// Puts `seal` to what `dataHash` stands for, by GB/T 38540-2020.
    /// - Parameters:
    ///   - dataHash: SM3 of what is protected.
    ///   - scope: what is protected, in ASCII; in OFD the absolute path of Signature.xml.
    ///   - timestamp: gives an RFC 3161 token over the bytes handed to it; nil leaves the time a claim.
    public init(
        of seal: ElectronicSeal,
        by signer: SigningIdentity,
        dataHash: [UInt8],
        scope: String,
        at moment: Instant,
        timestamp: (([UInt8]) throws(CryptographyError) -> [UInt8])? = nil
    ) throws(CryptographyError) {
        let extensions = ElectronicSeal.Extension.issuers(of: signer)
        let body = try der { writer in
            try writer.appendConstructedNode(identifier: .sequence) { body throws in
                try body.serialize(SealStandard.gbt38540of2020.rawValue)
                body.serializeRawBytes(seal.bytes)
                try body.serialize(moment)
                try body.serialize(ASN1BitString(bytes: dataHash[...]))
                try body.serialize(try ASN1IA5String(scope))
                guard !extensions.isEmpty else { return }
                try body.appendConstructedNode(identifier: .contextZero) { inner throws in
                    try inner.serialize(extensions)
                }
            }
        }
        let value = try signer.key.sign(body)
        let token = try timestamp?(value)
        bytes = try der { writer in
            try writer.appendConstructedNode(identifier: .sequence) { outer throws in
                outer.serializeRawBytes(body)
                try outer.serialize(ASN1OctetString(contentBytes: signer.certificate.der[...]))
                try outer.appendObject(SealObject.sm2WithSM3)
                try outer.serialize(ASN1BitString(bytes: value[...]))
                guard let token else { return }
                try outer.appendConstructedNode(identifier: .contextZero) { inner throws in
                    try inner.serialize(ASN1BitString(bytes: token[...]))
                }
            }
        }
        standard = .gbt38540of2020
        self.seal = seal
        // As written: whole seconds.
        time = Instant(milliseconds: moment.milliseconds / 1_000 * 1_000)
        self.dataHash = dataHash
        self.scope = scope
        self.extensions = extensions
        signerCertificate = signer.certificate.der
        signatureAlgorithm = SealObject.sm2WithSM3
        signature = value
        self.timestamp = token
        signedBytes = body
    }
}

extension ElectronicSeal.Extension {
    static func issuers(of signer: SigningIdentity) -> [ElectronicSeal.Extension] {
        let between = signer.issuers.dropLast()
        guard !between.isEmpty else { return [] }
        var writer = DER.Serializer()
        writer.appendConstructedNode(identifier: .sequence) { list in
            for certificate in between {
                list.appendOctets(certificate.der)
            }
        }
        return [ElectronicSeal.Extension(object: SealObject.issuers, value: writer.serializedBytes)]
    }
}

extension ElectronicSeal.Content {
    fileprivate func write(into writer: inout DER.Serializer) throws {
        try writer.appendConstructedNode(identifier: .sequence) { info throws in
            try info.appendConstructedNode(identifier: .sequence) { header throws in
                try header.serialize(try ASN1IA5String("ES"))
                try header.serialize(SealStandard.gbt38540of2020.rawValue)
                try header.serialize(try ASN1IA5String(vendor))
            }
            try info.serialize(try ASN1IA5String(code))
            try info.appendConstructedNode(identifier: .sequence) { property throws in
                try property.serialize(type)
                try property.serialize(ASN1UTF8String(name))
                try write(signers, into: &property)
                try property.serialize(createdAt)
                try property.serialize(validFrom)
                try property.serialize(validUntil)
            }
            try info.appendConstructedNode(identifier: .sequence) { image throws in
                try image.serialize(try ASN1IA5String(picture.type))
                try image.serialize(ASN1OctetString(contentBytes: picture.bytes[...]))
                try image.serialize(picture.width)
                try image.serialize(picture.height)
            }
            if !extensions.isEmpty { try info.serialize(extensions) }
        }
    }

    private func write(_ signers: ElectronicSeal.Signers, into writer: inout DER.Serializer) throws {
        switch signers {
        case .certificates(let certificates):
            try writer.serialize(1)
            try writer.appendConstructedNode(identifier: .sequence) { list throws in
                for one in certificates { list.appendOctets(one) }
            }
        case .digests(let digests):
            try writer.serialize(2)
            try writer.appendConstructedNode(identifier: .sequence) { list throws in
                for one in digests {
                    try list.appendConstructedNode(identifier: .sequence) { digest throws in
                        try digest.serialize(try ASN1PrintableString(one.type))
                        try digest.serialize(ASN1OctetString(contentBytes: one.value[...]))
                    }
                }
            }
        }
    }
}

extension DER.Serializer {
    fileprivate mutating func appendOctets(_ bytes: [UInt8]) {
        appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: bytes) }
    }

    fileprivate mutating func appendObject(_ dotted: String) throws {
        guard let content = DERObject.content(dotted) else { throw SealFormatError("OBJECT IDENTIFIER") }
        appendPrimitiveNode(identifier: .objectIdentifier) { $0.append(contentsOf: content) }
    }

    fileprivate mutating func serialize(_ moment: Instant) throws {
        guard let time = moment.generalized else { throw CryptographyError.engine("GeneralizedTime") }
        try serialize(time)
    }

    fileprivate mutating func serialize(_ extensions: [ElectronicSeal.Extension]) throws {
        try appendConstructedNode(identifier: .sequence) { list throws in
            for one in extensions {
                try list.appendConstructedNode(identifier: .sequence) { item throws in
                    try item.appendObject(one.object)
                    if one.isCritical { try item.serialize(true) }
                    try item.serialize(ASN1OctetString(contentBytes: one.value[...]))
                }
            }
        }
    }
}

/// What `write` writes. It fails for text that the standard's ASCII fields cannot hold, such as a Chinese code.
private func der(_ write: (inout DER.Serializer) throws -> Void) throws(CryptographyError) -> [UInt8] {
    var writer = DER.Serializer()
    do { try write(&writer) } catch { throw .engine("DER: \(error)") }
    return writer.serializedBytes
}

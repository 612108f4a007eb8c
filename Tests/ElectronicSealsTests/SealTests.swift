import Cryptography
import Foundation
import Kernel
import Testing

@testable import ElectronicSeals

@Suite("electronic seals")
struct SealTests {
    static func sample(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Samples/seals")
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    @Test(
        "seals of three standards are read, and their makers' signatures hold",
        arguments: [
            ("UserV1.esl", SealStandard.gmt0031of2014, 1), ("UserV4.esl", .gbt38540of2020, 3),
            ("UserV5.esl", .gmt0031of2025, 3), ("UserV5_ts.esl", .gmt0031of2025, 3),
            ("sm2ca-company.esl", .gbt38540of2020, 1),
        ]
    )
    func read(name: String, standard: SealStandard, type: Int) throws {
        let bytes = try Self.sample(name)
        let seal = try ElectronicSeal(der: bytes)
        #expect(seal.standard == standard)
        #expect(seal.content.type == type)
        #expect((seal.timestamp != nil) == (name == "UserV5_ts.esl"))
        #expect(seal.bytes == bytes)
        #expect(throws: Never.self) { try seal.checkValue() }
    }

    @Test("more values than any seal has, and more bytes, are refused before they are taken apart")
    func nodes() throws {
        func sequence(_ count: Int, of part: [UInt8]) -> [UInt8] {
            let content = (0..<count).flatMap { _ in part }
            return [0x30, 0x82] + [8, 0].map { UInt8(truncatingIfNeeded: content.count >> $0) } + content
        }
        #expect(throws: Never.self) { try derRoot(sequence(19_999, of: [5, 0]), "x") }
        #expect(throws: SealFormatError.self) { try derRoot(sequence(20_000, of: [5, 0]), "x") }
        let nested = sequence(20_000, of: [0x31, 0])
        #expect(throws: SealFormatError.self) { try derRoot(nested, "x") }
        let octets: [UInt8] = [4, 0x83, 0x40, 0, 0] + [UInt8](repeating: 1, count: 4 << 20)
        #expect(throws: SealFormatError.self) { try derRoot(octets, "x") }
    }

    @Test("the signature of the sample is read and holds")
    func signature() throws {
        let signature = try SealSignature(der: try Self.sample("SignedValueV4.dat"))
        #expect(signature.standard == .gbt38540of2020)
        #expect(throws: Never.self) { try signature.checkValue() }
        #expect(throws: Never.self) { try signature.seal.checkValue() }
    }

    @Test("every changed byte of a seal is noticed")
    func changedSeal() throws {
        let world = try SealWorld()
        let seal = try world.seal()
        #expect(try seal.check(world.trust()) == world.maker.certificate)
        for place in stride(from: 0, to: seal.bytes.count, by: 7) {
            var bytes = seal.bytes
            bytes[place] ^= 0x10
            guard let changed = try? ElectronicSeal(der: bytes) else { continue }
            #expect(throws: VerificationProblem.self, "byte \(place)") { try changed.check(world.trust()) }
        }
    }

    @Test("what is written is read as the same")
    func roundTrip() throws {
        let world = try SealWorld()
        let seal = try world.seal()
        #expect(try ElectronicSeal(der: seal.bytes) == seal)
        let signature = try world.signature(of: seal)
        #expect(try SealSignature(der: signature.bytes) == signature)
        let stamped = try world.signature(of: seal) { Array("token".utf8) + $0 }
        #expect(stamped.timestamp == Array("token".utf8) + stamped.signature)
        #expect(try SealSignature(der: stamped.bytes) == stamped)
    }

    @Test("DER is DER: no bytes after it, no indefinite and no needlessly long lengths")
    func encoding() throws {
        let world = try SealWorld()
        let bytes = try world.seal().bytes
        #expect(throws: SealFormatError.self) { try ElectronicSeal(der: bytes + [0]) }
        #expect(bytes[1] == 0x82)
        let long = [bytes[0], 0x83, 0] + bytes[2...]
        #expect(throws: SealFormatError.self) { try ElectronicSeal(der: long) }
        let indefinite = [bytes[0], 0x80] + bytes[4...] + [0, 0]
        #expect(throws: SealFormatError.self) { try ElectronicSeal(der: indefinite) }
        #expect(throws: SealFormatError.self) { try ElectronicSeal(der: Array(bytes.dropLast())) }
    }

    @Test("r and s out of range never verify")
    func range() throws {
        let world = try SealWorld()
        let key = world.signer.certificate.publicKey
        let order = try #require(
            Hex.decode("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123")
        )
        func value(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
            func integer(_ bytes: [UInt8]) -> [UInt8] {
                let body = bytes[0] & 0x80 == 0 ? bytes : [0] + bytes
                return [0x02, UInt8(body.count)] + body
            }
            let body = integer(r) + integer(s)
            return [0x30, UInt8(body.count)] + body
        }
        for (r, s) in [([0], [1]), ([1], [0]), ([0], [0]), (order, [1]), ([1], order), (order, order)] {
            #expect(!key.verify(signature: value(r, s), of: [1, 2, 3]))
        }
    }
}

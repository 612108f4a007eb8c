import Foundation
import Kernel
import Testing

@testable import Cryptography

@Suite("certificates")
struct CertificateTests {
    static func request(_ name: String, days: Int64 = 365) -> CertificateAuthority.Request {
        CertificateAuthority.Request(
            subject: DistinguishedName(organization: "内蒙古自治区市场监督管理局", commonName: name),
            serial: SystemEntropy().bytes(16),
            validFrom: moment,
            validUntil: moment + days * Instant.day
        )
    }

    @Test("a chain of three is trusted from its root, at its time")
    func chain() throws {
        let root = try CertificateAuthority.root(Self.request("根"))
        let issuing = try root.authority(Self.request("签发"))
        let signer = try issuing.identity(Self.request("登记机关"), for: .licences)
        let leaf = signer.certificate
        #expect(leaf.subject.commonName == "登记机关")
        #expect(leaf.issuer.commonName == "签发")
        #expect(!leaf.isAuthority && issuing.certificate.isAuthority)
        #expect(issuing.certificate.pathLength == 0)
        #expect(leaf.keyUsage == [.digitalSignature, .nonRepudiation])
        #expect(leaf.validFrom == moment)
        #expect(signer.issuers == [issuing.certificate, root.certificate])
        let others = signer.issuers
        #expect(leaf.check(others: others, anchors: [root.certificate], at: moment).isTrusted)
        #expect(leaf.check(others: [], anchors: [issuing.certificate], at: moment).isTrusted)
        #expect(leaf.check(others: [], anchors: [leaf], at: moment).isTrusted)
        #expect(leaf.check(others: [], anchors: [root.certificate], at: moment) == .broken(.untrusted))
        #expect(
            leaf.check(others: others, anchors: [root.certificate], at: moment + -1) == .broken(.notYetValid)
        )
        #expect(
            leaf.check(others: others, anchors: [root.certificate], at: moment + 366 * Instant.day)
                == .broken(.expired)
        )
        #expect(
            leaf.check(others: others, anchors: [root.certificate], at: moment, usage: .keyCertSign)
                == .broken(.wrongUsage)
        )
        #expect(try Certificate(pem: leaf.pem) == leaf)
        let (middle, top) = (issuing.certificate, root.certificate)
        for good in [[leaf], [leaf, middle]] {
            #expect(Certificate.isOnlyForm(good, of: [leaf, middle, top]))
        }
        for bad in [
            [leaf, middle, top], [leaf, middle, middle], [leaf, leaf, middle], [middle, leaf], [middle],
            [leaf, top],
        ] {
            #expect(!Certificate.isOnlyForm(bad, of: [leaf, middle, top]))
        }
        #expect(!Certificate.isOnlyForm([leaf, middle], of: [leaf]))
    }

    @Test("a foreign authority of the same name, a signer as issuer and a third storey are refused")
    func refusals() throws {
        let root = try CertificateAuthority.root(Self.request("根"))
        let issuing = try root.authority(Self.request("签发"))
        let twin = try CertificateAuthority.root(Self.request("根")).authority(Self.request("签发"))
        let leaf = try issuing.identity(Self.request("甲"), for: .licences)
        #expect(
            leaf.certificate.check(others: [], anchors: [twin.certificate], at: moment)
                == .broken(.badSignature)
        )
        let presumed = CertificateAuthority(leaf)
        let below = try presumed.identity(Self.request("乙"), for: .licences)
        #expect(
            below.certificate.check(others: below.issuers, anchors: [root.certificate], at: moment)
                == .broken(.notAnAuthority)
        )
        let third = try issuing.authority(Self.request("再下一级")).identity(Self.request("丙"), for: .licences)
        #expect(
            third.certificate.check(others: third.issuers, anchors: [root.certificate], at: moment)
                == .broken(.tooLong)
        )
    }

    @Test("a key that a certificate brings has the name that OpenSSL would write for it")
    func nameOfKey() throws {
        func holds<Scheme>(_ certificate: X509Certificate<Scheme>) throws {
            let key = certificate.publicKey
            let written = try PublicKey<Scheme>(pem: key.pem)
            #expect(written == key && Scheme.parts.isOnlyForm(key.spki))
            for place in 0..<27 {
                var other = key.spki
                other[place] ^= 2
                #expect(!Scheme.parts.isOnlyForm(other), "byte \(place)")
            }
            #expect(!Scheme.parts.isOnlyForm(key.spki + [0]) && !Scheme.parts.isOnlyForm([]))
        }
        try holds(try CertificateAuthority.root(CertificateTests.request("根")).certificate)
        try holds(try P256Authority.root(CertificateTests.request("根")).certificate)
    }

    @Test("each changed byte of a certificate is noticed")
    func changedBytes() throws {
        let root = try CertificateAuthority.root(Self.request("根"))
        let leaf = try root.identity(Self.request("甲"), for: .licences).certificate
        for index in leaf.der.indices {
            var bytes = leaf.der
            bytes[index] ^= 0x01
            guard let changed = try? Certificate(der: bytes) else { continue }
            #expect(
                !changed.check(others: [], anchors: [root.certificate], at: moment).isTrusted,
                "byte \(index)"
            )
        }
        #expect(throws: CryptographyError.badCertificate) { try Certificate(der: leaf.der + [0]) }
    }

    @Test("the sample chain made with the openssl command is trusted")
    func samples() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Samples/sm2").path
        func sample(_ name: String) throws -> Certificate {
            try Certificate(pem: String(contentsOfFile: "\(folder)/\(name).pem", encoding: .utf8))
        }
        let root = try sample("sm2-root")
        let issuing = try sample("sm2-issuing")
        for name in ["sm2-signer", "sm2-maker"] {
            let leaf = try sample(name)
            let verdict = leaf.check(others: [issuing], anchors: [root], at: leaf.validFrom + Instant.day)
            #expect(verdict.isTrusted, "\(name): \(verdict)")
        }
    }

    @Test("the openssl command agrees with our signatures and certificates")
    func openssl() throws {
        let folder = try Folder()
        let root = try CertificateAuthority.root(Self.request("根"))
        let signer = try root.identity(Self.request("甲"), for: .licences)
        let message = Array("一次办好".utf8)
        try folder.write(signer.certificate.publicKey.pem, to: "key.pem")
        try folder.write(root.certificate.pem, to: "root.pem")
        try folder.write(signer.certificate.pem, to: "leaf.pem")
        try folder.write(signer.key.pem, to: "private.pem")
        try Data(message).write(to: folder.url("message"))
        try Data(try signer.key.sign(message)).write(to: folder.url("signature"))
        let identifier = "distid:1234567812345678"
        #expect(
            try folder.run([
                "dgst", "-sm3", "-verify", "key.pem", "-sigopt", identifier, "-signature", "signature",
                "message",
            ]) == 0
        )
        let time = String(moment.milliseconds / 1_000 + 60)
        #expect(
            try folder.run([
                "verify", "-attime", time, "-vfyopt", identifier, "-CAfile", "root.pem", "leaf.pem",
            ])
                == 0
        )
        #expect(
            try folder.run([
                "dgst", "-sm3", "-sign", "private.pem", "-sigopt", identifier, "-out", "theirs", "message",
            ]) == 0
        )
        let theirs = [UInt8](try Data(contentsOf: folder.url("theirs")))
        #expect(signer.key.publicKey.verify(signature: theirs, of: message))
    }
}

@Suite("keys at rest")
struct KeyStoreTests {
    @Test("a sealed secret opens only under its key and label, unchanged")
    func sealedBox() throws {
        let entropy = SeededEntropy(seed: 7)
        let box = SealedBox(masterKey: entropy.bytes(32))
        let secret = Array("JBSWY3DPEHPK3PXP".utf8)
        let sealed = try box.seal(secret, label: "totp:1", entropy: entropy)
        #expect(try box.open(sealed, label: "totp:1") == secret)
        #expect(throws: CryptographyError.badSeal) { try box.open(sealed, label: "totp:2") }
        #expect(throws: CryptographyError.badSeal) {
            try SealedBox(masterKey: entropy.bytes(32)).open(sealed, label: "totp:1")
        }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x80
            #expect(throws: CryptographyError.badSeal) { try box.open(changed, label: "totp:1") }
        }
    }

    @Test("an installation's keys are made once and opened afterwards")
    func installation() throws {
        let folder = try Folder()
        let path = folder.url("keys").path
        let first = try PlatformKeys.openOrCreate(in: .open(folder: path), organization: "速办", now: moment)
        let maker = try first.identity(
            named: "registrar",
            subject: DistinguishedName(organization: "包头市市场监督管理局", commonName: "登记"),
            for: .licences,
            now: moment
        )
        let again = try PlatformKeys.openOrCreate(
            in: .open(folder: path),
            organization: "速办",
            now: moment + 5
        )
        #expect(again.root == first.root)
        #expect(again.log.certificate == first.log.certificate)
        #expect(again.documents.certificate == first.documents.certificate)
        #expect(again.timestamps.certificate == first.timestamps.certificate)
        #expect(try again.store.identity(named: "registrar", of: .holder)?.certificate == maker.certificate)
        #expect(maker.certificate.check(others: maker.issuers, anchors: [first.root], at: moment).isTrusted)
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            #expect(
                (attributes[.posixPermissions] as? NSNumber)?.intValue == (isFolder ? 0o700 : 0o600),
                "\(name)"
            )
            if isFolder { continue }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY"), "\(name)")
        }
        try FileManager.default.removeItem(atPath: "\(path)/master.key")
        #expect(throws: CryptographyError.self) { try KeyStore.open(folder: path) }
    }
}

extension KeyStoreTests {
    @Test("the log's certificate is renewed before it ends, for the same key and from the same day on")
    func logRenewal() throws {
        let folder = try Folder()
        let path = folder.url("keys").path
        let first = try PlatformKeys.openOrCreate(in: .open(folder: path), organization: "速办", now: moment)
        let end = first.log.certificate.validUntil
        let early = try PlatformKeys.openOrCreate(
            in: .open(folder: path),
            organization: "速办",
            now: end + -400 * Instant.day
        )
        #expect(early.log.certificate == first.log.certificate)
        let late = try PlatformKeys.openOrCreate(
            in: .open(folder: path),
            organization: "速办",
            now: end + -90 * Instant.day
        )
        let renewed = late.log.certificate
        #expect(renewed.publicKey == first.log.certificate.publicKey && renewed.validUntil > end)
        #expect(renewed.validFrom == first.log.certificate.validFrom && renewed.isFor(.log))
        #expect(renewed.check(others: late.log.issuers, anchors: [late.root], at: moment).isTrusted)
    }

    @Test("a private key is written once for its owner alone, and read again without a text")
    func keyFile() throws {
        let folder = try Folder()
        let path = folder.url("a.key.pem").path
        #expect(try SM2PrivateKey(file: path) == nil)
        let key = try SM2PrivateKey.generate()
        try key.write(to: path)
        #expect(try SM2PrivateKey(file: path)?.publicKey == key.publicKey)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: CryptographyError.self) { try key.write(to: path) }
    }

    @Test("a certificate that has run out is renewed for the same key")
    func renewal() throws {
        let folder = try Folder()
        let keys = try PlatformKeys.openOrCreate(
            in: .open(folder: folder.url("keys").path),
            organization: "速办",
            now: moment
        )
        let subject = DistinguishedName(commonName: "甲")
        let first = try keys.identity(named: "a", subject: subject, for: .signatures, now: moment)
        let later = first.certificate.validUntil + Instant.day
        let second = try keys.identity(named: "a", subject: subject, for: .signatures, now: later)
        #expect(second.key.publicKey == first.key.publicKey)
        #expect(second.certificate != first.certificate)
        #expect(second.certificate.check(others: second.issuers, anchors: [keys.root], at: later).isTrusted)
        #expect(
            try keys.identity(named: "a", subject: subject, for: .signatures, now: later).certificate
                == second.certificate
        )
    }

    @Test(
        "a certificate without the mark of its purpose is made anew for the same key and, a log's, the same time"
    )
    func marked() throws {
        let folder = try Folder()
        let path = folder.url("keys").path
        let keys = try PlatformKeys.openOrCreate(in: .open(folder: path), organization: "速办", now: moment)
        #expect(keys.log.certificate.isFor(.log) && !keys.log.certificate.isFor(.licences))
        let other = SigningIdentity(
            certificate: try keys.issuing.issue(
                CertificateTests.request("速办 Log", days: 10),
                to: keys.log.key.publicKey,
                for: .signatures
            ),
            key: keys.log.key,
            issuers: keys.log.issuers
        )
        try keys.store.save(other, named: "log")
        let later = moment + 5 * Instant.day
        let again = try PlatformKeys.openOrCreate(in: .open(folder: path), organization: "速办", now: later)
        let made = again.log.certificate
        #expect(made.isFor(.log) && made != keys.log.certificate)
        #expect(made.publicKey == keys.log.certificate.publicKey)
        #expect(made.validFrom == other.certificate.validFrom, "heads from before stay good")
        #expect(made.check(others: again.log.issuers, anchors: [again.root], at: moment).isTrusted)
        #expect(
            try PlatformKeys.openOrCreate(in: .open(folder: path), organization: "速办", now: later)
                .log.certificate == made
        )
        let subject = DistinguishedName(commonName: "甲")
        let plain = try keys.identity(named: "a", subject: subject, for: .signatures, now: moment)
        let issuer = try keys.identity(named: "a", subject: subject, for: .licences, now: moment)
        #expect(issuer.key.publicKey == plain.key.publicKey && issuer.certificate.isFor(.licences))
    }

    @Test("each purpose is its own, and an authority has none")
    func purposes() throws {
        let root = try CertificateAuthority.root(CertificateTests.request("根"))
        #expect(!root.certificate.isMarked)
        for purpose in Certificate.Purpose.allCases {
            let leaf = try root.identity(CertificateTests.request("甲"), for: purpose).certificate
            #expect(leaf.isMarked && !leaf.hasUnknownDemands)
            for other in Certificate.Purpose.allCases { #expect(leaf.isFor(other) == (other == purpose)) }
        }
    }

    @Test("two that start on one folder at once make one set of keys")
    func race() async throws {
        let folder = try Folder()
        let path = folder.url("keys").path
        let logs = try await withThrowingTaskGroup(of: Certificate.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try PlatformKeys.openOrCreate(in: .open(folder: path), organization: "速办", now: moment)
                        .log.certificate
                }
            }
            return try await group.reduce(into: Set<Certificate>()) { $0.insert($1) }
        }
        #expect(logs.count == 1)
    }
}

@Suite("passwords", .serialized)
struct ScryptTests {
    static let quick = ScryptParameters(logN: 10, r: 8, p: 1)

    @Test("a record is checked with the parameters it names")
    func record() async throws {
        let record = try await Scrypt.hash(
            "相信 2026",
            salt: [UInt8](repeating: 7, count: 16),
            parameters: Self.quick
        )
        #expect(record.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
        #expect(try await Scrypt.verify("相信 2026", against: record))
        #expect(try await !Scrypt.verify("相信 2027", against: record))
        #expect(Scrypt.isOutdated(record))
        #expect(!Scrypt.isOutdated(record, for: Self.quick))
    }

    @Test("the third vector of RFC 7914, section 12, in its first 32 bytes")
    func vector() async throws {
        let digest = try #require(
            Hex.decode("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
        )
        let record =
            "$scrypt$ln=14,r=8,p=1$\(Base64.encode(Array("SodiumChloride".utf8)))$\(Base64.encode(digest))"
        #expect(try await Scrypt.verify("pleaseletmein", against: record))
    }

    @Test(
        "a damaged or greedy record is refused",
        arguments: [
            "", "$scrypt$", "$scrypt$ln=25,r=8,p=1$AAAA$AAAA", "$scrypt$ln=20,r=32,p=1$BwcH$BwcH", "x",
        ]
    )
    func damaged(record: String) async {
        await #expect(throws: CryptographyError.badPasswordRecord) {
            try await Scrypt.verify("a", against: record)
        }
    }

    @Test("a full queue refuses at once")
    func queue() async throws {
        // One thread that is held at its first piece of work, and room for four.
        let threads = WorkerThreads(count: 1, queueMax: 4, name: "full")
        let (begun, hold) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        #expect(
            threads.submit {
                begun.signal()
                hold.wait()
            }
        )
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                begun.wait()
                continuation.resume()
            }
        }
        try await Scrypt.$workers.withValue(threads) {
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await Scrypt.hash("a", salt: [1], parameters: Self.quick) }
                }
                // One for the piece of work that holds the thread.
                while threads.taken < 5 { await Task.yield() }
                await #expect(throws: CryptographyError.busy) {
                    try await Scrypt.hash("a", salt: [1], parameters: Self.quick)
                }
                hold.signal()
                let records = try await group.reduce(into: Set<String>()) { $0.insert($1) }
                #expect(records.count == 1)
            }
        }
        #expect(threads.taken == 5)
    }
}

import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Kernel
import Server
import Storage
import StorageSQLite

/// Files of licences: from a record to a sealed OFD or signed PDF, and back to a verdict.
enum FileBench {
    private static let turnSeconds = 3.0
    private static let unknownCount = 10

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let world = try await FileWorld(settings)
        // Typefaces, texts that are the same on every sheet, and the seal are there before the clock runs.
        for format in LicencePress.Format.allCases { _ = try await world.file(format) }
        let ofd = try await world.perSecond(.ofd, for: turnSeconds)
        let raw = SigningBench.rawPerSecond(threads: Stopwatch.cores)
        let pdf = try await world.perSecond(.pdf, for: turnSeconds)
        let file = try await world.file(.ofd)
        return [
            BenchFigure(
                "licence-file.ofd",
                ofd,
                "files/s",
                peer: "raw SM2 signing on \(Stopwatch.cores) cores",
                against: raw,
                note: "one seal and a time stamp, \(file.count) bytes"
            ),
            BenchFigure("licence-file.pdf", pdf, "files/s", peer: "100 a second", against: 100),
        ] + (try await world.verification(of: file, unknown: unknown(settings)))
    }

    /// Files of installations of which this process has verified nothing yet.
    private static func unknown(_ settings: BenchSettings) async throws -> [(FileWorld, [UInt8])] {
        var files: [(FileWorld, [UInt8])] = []
        for number in 1...unknownCount {
            let world = try await FileWorld(settings, folder: "files-\(number)")
            files.append((world, try await world.file(.ofd)))
        }
        return files
    }
}

/// An issuer, a licence and what makes and checks its files.
struct FileWorld: Sendable {
    private let press: LicencePress
    private let licence: Credential
    private let authority: CredentialAuthority
    private let limits: VerificationLimits
    private let now: Instant

    private static let scope =
        "一般项目：食用农产品零售；日用百货销售；互联网销售（除销售需要许可的商品）；技术服务、技术开发、技术咨询。"
        + "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"

    init(_ settings: BenchSettings, folder name: String = "files") async throws {
        let folder = "\(settings.folder)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try SQLiteDatabase(path: "\(folder)/files.sqlite")
        try await database.migrate(Schema.all)
        now = SystemClock().now
        let occasion = Occasion(now: now, actor: .platform("bench"), request: "bench")
        let keys = try PlatformKeys.openOrCreate(
            in: .open(folder: "\(folder)/keys"),
            organization: "速办",
            now: now + -Instant.day
        )
        authority = try CredentialAuthority(home: settings.home, keys: keys, database: database)
        let limits = try VerificationLimits(home: settings.home, on: now.date)
        self.limits = limits
        let platform = IssuingBody(code: "150000", name: "内蒙古自治区政务服务")
        let press = try DocumentPress(home: settings.home, threads: Stopwatch.cores, queueMax: 64)
        self.press = try LicencePress(
            home: settings.home,
            press: press,
            types: authority.types.licences,
            seals: IssuerSeals(
                authority: authority,
                maker: platform,
                press: press,
                figures: try SealFigures(contentsOf: settings.home.resource("documents/seal-figures.yaml")),
                database: database
            ),
            authority: authority,
            platform: platform,
            origin: "https://suban.example",
            limits: { _ in limits }
        )
        let draft = LicenceDraft(
            type: "business-licence",
            holder: Holder(.enterprise, code: "91150102MA0P1234X5", name: "内蒙古丰苒商贸有限公司"),
            issuer: IssuingBody(code: "150102", name: "呼和浩特市新城区市场监督管理局"),
            region: "150102",
            fields: [
                "creditCode": "91150102MA0P1234X5", "name": "内蒙古丰苒商贸有限公司",
                "type": "有限责任公司（自然人投资或控股）", "legalRepresentative": "王晓燕",
                "capitalText": "人民币壹佰万元整", "establishedOn": "2026-11-20",
                "address": "内蒙古自治区呼和浩特市新城区海拉尔东街 1 号写字楼 1201 室",
                "scope": .string(Self.scope),
                "authority": "呼和浩特市新城区市场监督管理局",
            ]
        )
        let prepared = try await authority.prepare(draft, occasion: occasion)
        licence = try await database.write { try Credentials.store(prepared, occasion: occasion, in: $0) }
    }

    /// Whom the files rest on, as PEM.
    var roots: String {
        authority.trust.national.map(\.pem).joined() + authority.trust.international.map(\.pem).joined()
    }

    func file(_ format: LicencePress.Format) async throws -> [UInt8] {
        let occasion = Occasion(now: now, actor: .platform("bench"), request: "bench")
        return try await press.file(of: licence, format, occasion: occasion).bytes
    }

    /// Files a second with as many asked for at once as keep all cores busy.
    func perSecond(_ format: LicencePress.Format, for duration: Double) async throws -> Double {
        let start = ContinuousClock.now
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<(Stopwatch.cores * 2) {
                group.addTask {
                    var count = 0
                    while Stopwatch.seconds(since: start) < duration {
                        _ = try await file(format)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / Stopwatch.seconds(since: start)
    }

    var verifier: FileVerifier { FileVerifier(anchors: authority.trust, moment: now, limits: limits) }

    /// The time on one core for a verdict, against the verifications of signatures that it really makes. Of a file under
    /// certificates that were never seen: five by SM2, of which two are the values of signature and seal and three the ways of
    /// signer and maker up to one root, and three by P-256, the time stamp's value and its way. Once the ways are known
    /// (`KnownLinks`) two and one are left. Then ten seals against one.
    func verification(of file: [UInt8], unknown: [(world: FileWorld, file: [UInt8])]) async throws
        -> [BenchFigure]
    {
        let verifier = verifier
        guard verifier.verify(file).isValid else { throw BenchFault("the file is not valid") }
        let message = [UInt8](repeating: 7, count: 600)
        let (national, international) = (try SM2PrivateKey.generate(), try PrivateKey<P256>.generate())
        let sm2 = try Self.rawMilliseconds(national, message)
        let p256 = try Self.rawMilliseconds(international, message)
        let cold = try unknown.reduce(0.0) { sum, one in
            var isValid = false
            let seconds = Stopwatch.coreSeconds { isValid = one.world.verifier.verify(one.file).isValid }
            guard isValid else { throw BenchFault("a file of an unknown installation is not valid") }
            return sum + seconds * 1_000 / Double(unknown.count)
        }
        let known = Self.milliseconds(100) { _ = verifier.verify(file) }
        let ten = try tenSeals()
        guard verifier.verify(ten).isValid else { throw BenchFault("the file with ten seals is not valid") }
        let all = Self.milliseconds(20) { _ = verifier.verify(ten) }
        return [
            BenchFigure(
                "verify-file.one",
                cold,
                "ms",
                peer: "5 raw SM2 and 3 P-256 verifications",
                against: 5 * sm2 + 3 * p256,
                note: "certificates never seen before, the mean of \(unknown.count) files"
            ),
            BenchFigure(
                "verify-file.known",
                known,
                "ms",
                peer: "2 raw SM2 and 1 P-256 verifications",
                against: 2 * sm2 + p256,
                note: "certificates whose ways were verified before"
            ),
            BenchFigure("verify-file.ten", all, "ms", peer: "a file with one seal", against: known),
        ]
    }

    private static func rawMilliseconds<Scheme>(_ key: PrivateKey<Scheme>, _ message: [UInt8]) throws
        -> Double
    {
        let signature = try key.sign(message)
        return milliseconds(200) { _ = key.publicKey.verify(signature: signature, of: message) }
    }

    /// The licence's sheet under ten seals, the last of which locks it.
    private func tenSeals() throws -> [UInt8] {
        let body = IssuingBody(code: "150102", name: "十章")
        let signer = try authority.identity(of: body, now: now)
        let seal = try ElectronicSeal(
            ElectronicSeal.Content(
                vendor: "SUBAN",
                code: "15010299999999",
                type: 99,
                name: "十章",
                signers: .certificates([signer.certificate.der]),
                createdAt: now,
                validFrom: signer.certificate.validFrom,
                validUntil: signer.certificate.validUntil,
                picture: .init(
                    type: "PNG",
                    bytes: [UInt8](repeating: 0, count: 40_000),
                    width: 40,
                    height: 40
                )
            ),
            madeBy: signer
        )
        let stamps = authority.stamps(at: now)
        var package = Package([
            PackageEntry(
                "OFD.xml",
                Array(
                    ("<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\" Version=\"1.0\" DocType=\"OFD\"><ofd:DocBody>"
                        + "<ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>")
                        .utf8
                )
            ),
            PackageEntry(
                "Doc_0/Document.xml",
                Array("<ofd:Document xmlns:ofd=\"http://www.ofdspec.org/2016\"/>".utf8)
            ),
            // Noise, as packed typefaces are: what deflates too well is taken for a bomb.
            PackageEntry("Doc_0/Res/font.ttf", SystemEntropy().bytes(100_000)),
        ])
        for number in 1...10 {
            package = try OFDSigner.seal(
                package,
                with: .init(
                    seal: seal,
                    signer: signer,
                    places: [.init(page: "1", x: 10, y: 10, width: 40, height: 40)]
                ),
                at: now,
                isLocking: number == 10,
                timestamp: { value throws(CryptographyError) in
                    try stamps.token(for: SM3.digest(value), .sm3, now: now)
                }
            )
        }
        return try package.zipped()
    }

    private static func milliseconds(_ times: Int, _ work: () -> Void) -> Double {
        work()
        return Stopwatch.coreSeconds { for _ in 0..<times { work() } } * 1_000 / Double(times)
    }
}

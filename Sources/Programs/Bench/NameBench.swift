import CompanyNames
import Foundation
import Kernel
import Server
import Standards
import Storage
import StorageSQLite

/// A name check against a small and a large library: the cost must not grow with the number of names.
enum NameBench {
    /// Loading the large library stops after so many seconds.
    private static let loadSecondsMax = 180.0
    private static let small = 10_000

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let database = try SQLiteDatabase(path: "\(settings.folder)/names.sqlite")
        try await database.migrate(Schema.all)
        let rules = try NameRules(standards: Standards(home: settings.home), home: settings.home)
        let source = NameSource(seed: 1)
        let occasion = Occasion(
            now: Instant(milliseconds: 1_770_000_000_000),
            actor: .platform("bench"),
            request: "bench",
            entropy: SeededEntropy(seed: 2)
        )
        var loaded = try await load(small, from: source, rules: rules, occasion: occasion, into: database)
        let before = try await times(rules: rules, now: occasion.now, in: database)
        let start = ContinuousClock.now
        while loaded < settings.names, Stopwatch.seconds(since: start) < loadSecondsMax {
            loaded += try await load(
                min(5_000, settings.names - loaded),
                from: source,
                rules: rules,
                occasion: occasion,
                into: database
            )
        }
        let after = try await times(rules: rules, now: occasion.now, in: database)
        await database.close()
        let cut =
            loaded < settings.names
            ? ", as many as could be loaded in \(Int(loadSecondsMax)) s instead of \(settings.names)" : ""
        let note = "\(loaded) registered names\(cut), against \(small)"
        return [("p50", 0.5, note), ("p99", 0.99, "")].map { name, share, note in
            BenchFigure(
                "name-check.\(name)",
                1_000 * Stopwatch.percentile(share, of: after),
                "ms",
                peer: "ms with \(small)",
                against: 1_000 * Stopwatch.percentile(share, of: before),
                note: note
            )
        }
    }

    private static func load(
        _ count: Int,
        from source: NameSource,
        rules: NameRules,
        occasion: Occasion,
        into database: any Database
    ) async throws -> Int {
        var entered = 0
        while entered < count {
            let names = source.borne(count - entered)
            entered += try await database.write {
                try NameLibrary.load(names, under: rules, occasion: occasion, in: $0)
            }
        }
        return entered
    }

    /// Seconds of each of 1,000 checks of the same wishes, the caches warm.
    private static func times(rules: NameRules, now: Instant, in database: any Database) async throws
        -> [Double]
    {
        let wishes = NameSource(seed: 77).borne(1_100).map { name in
            NameProposal(
                parts: name.parts,
                subject: name.subject,
                scope: name.scope,
                region: name.region,
                applicant: "bench"
            )
        }
        var times: [Double] = []
        for (number, wish) in wishes.enumerated() {
            let start = ContinuousClock.now
            let report = try await database.read { try NameCheck.run(wish, under: rules, now: now, in: $0) }
            if number >= 100 { times.append(Stopwatch.seconds(since: start)) }
            guard !report.findings.isEmpty else {
                throw BenchFault("a name check found nothing, not even the promise")
            }
        }
        return times
    }
}

/// Names of a usual shape: brands of two to four common characters, trades and forms of the tables.
final class NameSource: Sendable {
    private let entropy: SeededEntropy
    private static let characters = Array(
        "安宝北博昌长诚驰创春达大德东鼎定丰福富高冠光广国海汉瀚航豪禾合和恒鸿宏华欢辉汇惠吉佳嘉建江金锦京晶景久聚君凯康科蓝乐力利联隆龙鲁满茂美民明铭宁鹏普启千乾强庆秋权全仁荣瑞润森山尚胜盛世顺思松泰腾天通同万旺伟文西祥向晓欣新信星兴雄秀旭轩雅亚延阳耀业益义亿银盈永优友宇玉裕元源远悦云泽展兆振正志智中众舟卓"
    )
    private static let trades = ["商贸", "科技", "餐饮管理", "农业", "建筑工程", "物流", "文化传媒", "信息技术", "贸易", "教育咨询"]
    private static let places = [
        ("呼和浩特市", "150100", "150102"), ("包头市", "150200", "150203"), ("赤峰市", "150400", "150402"),
        ("通辽市", "150500", "150502"), ("鄂尔多斯市", "150600", "150602"),
    ]

    init(seed: UInt64) { entropy = SeededEntropy(seed: seed) }

    func brand(_ length: Int) -> String {
        String((0..<length).map { _ in Self.characters[entropy.number(below: Self.characters.count)] })
    }

    func borne(_ count: Int) -> [NameLibrary.Borne] {
        (0..<count).map { _ in
            let (division, scope, region) = Self.places[entropy.number(below: Self.places.count)]
            let kind = entropy.number(below: 10)
            let parts = NameParts(
                division: division,
                brand: brand(kind < 2 ? 2 : kind < 5 ? 3 : 4),
                trade: Self.trades[entropy.number(below: Self.trades.count)],
                form: "有限公司"
            )
            return NameLibrary.Borne(
                parts: parts,
                subject: .limitedCompany,
                scope: scope,
                region: region,
                enterprise: "bench-\(entropy.number(below: 1 << 40))",
                industry: nil
            )
        }
    }
}

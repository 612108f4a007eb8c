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
    private static let loadSecondsMax = 1_500.0
    private static let small = 10_000
    private static let portion = 5_000

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let rules = try NameRules(standards: Standards(home: settings.home), home: settings.home)
        let occasion = Occasion(
            now: Instant(milliseconds: 1_770_000_000_000),
            actor: .platform("bench"),
            request: "bench",
            entropy: SeededEntropy(seed: 2)
        )
        func library(_ name: String, _ count: Int) async throws -> (any Database, Int) {
            let database = try SQLiteDatabase(path: "\(settings.folder)/\(name).sqlite")
            try await database.migrate(Schema.all)
            let source = NameSource(seed: 1)
            let start = ContinuousClock.now
            var loaded = 0
            while loaded < count, Stopwatch.seconds(since: start) < loadSecondsMax {
                let names = source.borne(min(portion, count - loaded))
                loaded += try await database.write {
                    try NameLibrary.load(names, under: rules, occasion: occasion, in: $0)
                }
                if loaded % 100_000 < portion {
                    settings.progress(
                        "name-check: \(loaded) names, \(Int(Stopwatch.seconds(since: start))) s"
                    )
                }
            }
            return (database, loaded)
        }
        let (few, fewCount) = try await library("few", small)
        let (many, count) = try await library("many", settings.names)
        let times = try await times(rules: rules, now: occasion.now, few: few, many: many)
        await few.close()
        await many.close()
        let cut =
            count < settings.names
            ? ", as many as could be loaded in \(Int(loadSecondsMax)) s instead of \(settings.names)" : ""
        let note =
            "\(count) registered names\(cut), against \(fewCount); \(times.few.count) wishes, both libraries in turn, each the best of \(rounds); seed 1"
        return [("p50", 0.5, note), ("p99", 0.99, "")].map { name, share, note in
            BenchFigure(
                "name-check.\(name)",
                1_000 * Stopwatch.percentile(share, of: times.many),
                "ms",
                peer: "ms with \(fewCount)",
                against: 1_000 * Stopwatch.percentile(share, of: times.few),
                note: note
            )
        }
    }

    /// Each wish is checked so often in each library and the best time counts: what other programs on the machine
    /// take away is not the check's.
    private static let rounds = 3

    /// Seconds of each of 1,000 checks, after 100 that warm the caches.
    private static func times(
        rules: NameRules,
        now: Instant,
        few: any Database,
        many: any Database
    ) async throws -> (few: [Double], many: [Double]) {
        let wishes = NameSource(seed: 77).borne(1_100).map { name in
            NameProposal(
                parts: name.parts,
                subject: name.subject,
                scope: name.scope,
                region: name.region,
                applicant: "bench"
            )
        }
        var best = (few: [Double](), many: [Double]())
        for (number, wish) in wishes.enumerated() {
            var least = (few: Double.infinity, many: Double.infinity)
            for _ in 0..<rounds {
                least.few = min(least.few, try await seconds(wish, rules: rules, now: now, in: few))
                least.many = min(least.many, try await seconds(wish, rules: rules, now: now, in: many))
            }
            guard number >= 100 else { continue }
            best.few.append(least.few)
            best.many.append(least.many)
        }
        return best
    }

    private static func seconds(
        _ wish: NameProposal,
        rules: NameRules,
        now: Instant,
        in database: any Database
    ) async throws -> Double {
        let start = ContinuousClock.now
        let report = try await database.read { try NameCheck.run(wish, under: rules, now: now, in: $0) }
        let seconds = Stopwatch.seconds(since: start)
        guard !report.findings.isEmpty else {
            throw BenchFault("a name check found nothing, not even the promise")
        }
        return seconds
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

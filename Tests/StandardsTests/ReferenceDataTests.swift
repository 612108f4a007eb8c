import Foundation
import Kernel
import Standards
import Testing

@Suite("the reference data")
struct ReferenceDataTests {
    @Test("has the counts of the standards")
    func counts() throws {
        let standards = try loaded.get()
        #expect(standards.regions.leagues.count == 12)
        #expect(standards.regions.banners.count == 103)
        #expect(standards.regions.functionalAreas.count == 15)
        #expect(standards.regions.all.count == 131)
        let kinds = Dictionary(grouping: standards.regions.banners, by: \.kind).mapValues(\.count)
        #expect(kinds == [.district: 23, .countyCity: 11, .county: 17, .banner: 49, .autonomousBanner: 3])
        #expect(standards.industries.all.count == 1_970)
        #expect(Industry.Level.allCases.map { standards.industries.count($0) } == [20, 97, 473, 1_380])
        #expect(standards.calendar.exceptions.count == 290)
        #expect(standards.calendar.exceptions.count { $0.kind == .workday } == 52)
        #expect(standards.calendar.years == 2019...2026)
        #expect(standards.agencies.all.count == 64)
        #expect(standards.items.all.count == 246)
        #expect(standards.items.bundles.count == 15)
        #expect(standards.regions.provinces.count == 35)
        #expect(standards.regions.former.count == 77)
    }

    @Test("every link leads somewhere")
    func links() throws {
        let standards = try loaded.get()
        for region in standards.regions.all where region.parent != nil {
            #expect(region.parent.flatMap { standards.regions[$0] } != nil, "\(region.code)")
        }
        for former in standards.regions.former {
            #expect(standards.regions[former.code] == nil, "\(former.code) is in force")
            #expect(!former.successors.isEmpty)
            for successor in former.successors {
                #expect(standards.regions[successor] != nil, "\(former.code)")
            }
        }
        for industry in standards.industries.all where industry.level != .section {
            #expect(industry.parent.flatMap { standards.industries[$0] } != nil, "\(industry.code)")
            #expect(
                standards.industries.path(to: industry.code).first?.code == industry.section,
                "\(industry.code)"
            )
        }
        #expect(Set(standards.items.all.map(\.sequence)).count == 246)
    }

    @Test(
        "are the files handed over, when those are at hand",
        arguments: ["regions", "holidays", "industries", "agencies", "items", "bundles"]
    )
    func unchanged(name: String) throws {
        let root = try home.get().root
        let original = URL(fileURLWithPath: root).deletingLastPathComponent()
            .appendingPathComponent("shared/domain/\(name).tsv").path
        guard let given = FileManager.default.contents(atPath: original) else { return }
        let ours = FileManager.default.contents(atPath: "\(root)/Resources/standards/\(name).tsv")
        #expect(ours == given)
    }

    @Test("loads within 100 milliseconds in a release build; a debug build may take twenty times that")
    func loading() throws {
        let home = try home.get()
        let clock = ContinuousClock()
        let spent = try clock.measure { _ = try Standards(home: home) }
        #expect(spent < .seconds(2))
    }

    @Test("a missing or broken file is named with its line")
    func broken() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "standards-\(UUID().uuidString)"
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let resources = folder.appendingPathComponent("Resources")
        try FileManager.default.createDirectory(at: resources, withIntermediateDirectories: true)
        #expect(throws: StandardsError.self) { try Standards(home: Home(root: folder.path)) }
        let copy = resources.appendingPathComponent("standards")
        try FileManager.default.copyItem(atPath: home.get().resource("standards"), toPath: copy.path)
        let holidays = copy.appendingPathComponent("holidays.tsv")
        var text = try String(contentsOf: holidays, encoding: .utf8)
        text = text.replacingOccurrences(of: "2019-02-02\tworkday", with: "2019-02-30\tworkday")
        try text.write(to: holidays, atomically: true, encoding: .utf8)
        #expect(throws: StandardsError.badRow(file: "holidays.tsv", line: 3, why: "date is no date")) {
            try Standards(home: Home(root: folder.path))
        }
    }
}

@Suite("divisions")
struct RegionTests {
    @Test("league, path and full name")
    func lookups() throws {
        let regions = try loaded.get().regions
        #expect(regions.league(of: "150203")?.name == "包头市")
        #expect(regions.fullName(of: "150203") == "内蒙古自治区包头市昆都仑区")
        #expect(regions["150203000000"]?.name == "昆都仑区")
        #expect(regions["150299"] == nil)
        #expect(regions.contains("150200", "150203"))
        #expect(regions.contains("150000", "150203"))
        #expect(!regions.contains("150100", "150203"))
        #expect(regions.children(of: "150300").count == 3)
        #expect(regions.league(of: "150000") == nil)
    }

    @Test(
        "a district stands in a name only with its city",
        arguments: [
            ("150203", ["包头市昆都仑区", "包头昆都仑区"]), ("150200", ["包头市", "包头"]),
            ("152201", ["乌兰浩特市", "乌兰浩特"]), ("152223", ["扎赉特旗"]), ("152500", ["锡林郭勒盟"]),
            ("150000", ["内蒙古自治区", "内蒙古"]), ("150123", ["和林格尔县", "和林格尔"]),
        ]
    )
    func nameForms(code: String, forms: [String]) throws {
        #expect(try loaded.get().regions.nameForms(of: code) == forms)
    }

    @Test("finds divisions by name, alone or with their city")
    func named() throws {
        let regions = try loaded.get().regions
        #expect(regions.named("昆都仑区").map(\.code) == ["150203"])
        #expect(regions.named("包头市昆都仑区").map(\.code) == ["150203"])
        #expect(regions.named("内蒙古自治区包头市昆都仑区").map(\.code) == ["150203"])
        #expect(regions.named("呼和浩特市昆都仑区").isEmpty)
    }

    @Test(
        "abolished codes know where they went",
        arguments: [("152101", ["150702"]), ("152701", ["150602", "150603"]), ("152302", ["150581"])]
    )
    func former(code: String, successors: [String]) throws {
        #expect(try loaded.get().regions.former(code)?.successors == successors)
    }
}

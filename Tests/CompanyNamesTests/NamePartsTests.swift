import CompanyNames
import Kernel
import Testing

@Suite("Parts of a name")
struct NamePartsTests {
    let rules: NameRules

    init() throws { rules = try Fixture.rules.get() }

    @Test(
        "names are taken apart and composed again",
        arguments: [
            ("内蒙古蒙速科技有限公司", "内蒙古", "蒙速", "科技", "有限公司"),
            ("呼和浩特市云帆信息技术有限责任公司", "呼和浩特市", "云帆", "信息技术", "有限责任公司"),
            ("呼和浩特市新城区大地餐饮管理有限公司", "呼和浩特市新城区", "大地", "餐饮管理", "有限公司"),
            ("鄂尔多斯市天骄煤炭运销有限公司", "鄂尔多斯市", "天骄", "煤炭运销", "有限公司"),
            ("锡林郭勒盟草原明珠畜牧业发展有限公司", "锡林郭勒盟", "草原明珠", "畜牧业发展", "有限公司"),
            ("东乌珠穆沁旗乌力吉牧业有限公司", "东乌珠穆沁旗", "乌力吉", "牧业", "有限公司"),
            ("武川县金穗莜麦粮油贸易有限公司", "武川县", "金穗莜麦", "粮油贸易", "有限公司"),
            ("蒙速（内蒙古）科技有限公司", "内蒙古", "蒙速", "科技", "有限公司"),
            ("蒙速科技(内蒙古)有限公司", "内蒙古", "蒙速", "科技", "有限公司"),
            ("内蒙古正大置业有限公司", "内蒙古", "正大", "置业", "有限公司"),
        ]
    )
    func parse(text: String, division: String, brand: String, trade: String, form: String) throws {
        let parts = try rules.parse(text)
        #expect([parts.division, parts.brand, parts.trade, parts.form] == [division, brand, trade, form])
        #expect(parts.text == NameText.normalise(text))
        #expect(try rules.parse(parts.text) == parts)
    }

    @Test("sole traders' names")
    func soleTrader() throws {
        let parts = try rules.parse("新城区老张面馆", subject: .soleTrader)
        #expect(parts.form == "面馆")
        #expect(parts.division + parts.brand == "新城区老张")
        #expect(try rules.parse("锡林浩特市草原明珠蒙餐馆", subject: .soleTrader).brand == "草原明珠")
    }

    @Test(
        "what is no name is refused with its place",
        arguments: [
            ("", NameError.unreadable(.empty, at: 0)),
            ("　 ", .unreadable(.empty, at: 0)),
            ("内蒙古蒙速科技", .unreadable(.form, at: 6)),
            ("蒙速（内蒙古科技有限公司", .unreadable(.brackets, at: 2)),
            ("蒙速内蒙古）科技有限公司", .unreadable(.brackets, at: 5)),
            ("蒙速（）科技有限公司", .unreadable(.brackets, at: 2)),
            ("蒙速（内蒙古）科技（赤峰）有限公司", .unreadable(.brackets, at: 9)),
            ("（内蒙古）科技有限公司", .unreadable(.brand, at: 0)),
            (String(repeating: "云", count: 501), .unreadable(.tooLong, at: 500)),
        ]
    )
    func unreadable(text: String, error: NameError) {
        #expect(throws: error) { try rules.parse(text) }
    }

    @Test("full-width letters, spaces, brackets and middle dots become one kind")
    func normalise() {
        #expect(NameText.normalise("蒙　速 (ＡＢ)\u{200B}") == "蒙速（AB）")
        for dot in ["·", "•", "‧", "・", "･", "⋅", "∙", "᛫"] {
            #expect(NameText.normalise("苏力德\(dot)巴图") == "苏力德·巴图")
        }
        #expect(NameText.normalise("〔内蒙古〕【x】[y]") == "（内蒙古）（x）（y）")
    }

    @Test("generated parts survive composing and parsing")
    func generated() throws {
        let seed: UInt64 = 20_260_105
        print("seed \(seed)")
        let entropy = SeededEntropy(seed: seed)
        let brands = Array("云帆鼎盛昊天瑞祥恒泰")
        let trades = ["科技", "商贸", "餐饮", "物流", "信息技术", "房地产开发"]
        let divisions = ["内蒙古", "包头市", "赤峰市红山区", "阿拉善左旗"]
        for _ in 0..<300 {
            let length = 2 + entropy.number(below: 2)
            let brand = String((0..<length).map { _ in brands[entropy.number(below: brands.count)] })
            let places = NameParts.DivisionPlace.allCases
            let parts = NameParts(
                division: divisions[entropy.number(below: divisions.count)],
                brand: brand,
                trade: trades[entropy.number(below: trades.count)],
                form: "有限公司",
                divisionPlace: places[entropy.number(below: places.count)]
            )
            #expect(try rules.parse(parts.text) == parts, "\(parts.text)")
        }
    }

    @Test(
        "words of one trade give one class",
        arguments: [["地产", "房地产", "置业", "房地产开发"], ["科技", "技术", "科技发展", "技术服务"], ["餐饮", "餐饮管理", "火锅"]]
    )
    func synonyms(words: [String]) {
        let classes = words.map {
            rules.industryClass(of: Fixture.parts("云帆", $0), subject: .limitedCompany)
        }
        #expect(Set(classes).count == 1 && classes[0].count == 2)
    }

    @Test("where the division stands does not change the key")
    func key() throws {
        let keys = try ["内蒙古蒙速科技有限公司", "蒙速（内蒙古）技术有限公司", "蒙速科技(内蒙古)有限责任公司"].map { text in
            rules.key(try rules.parse(text), subject: .limitedCompany, scope: "150000")
        }
        #expect(Set(keys).count == 1)
    }

    @Test("sounds without tones, with every reading")
    func sounds() {
        #expect(rules.language.sounds(of: "鑫达") == ["xin-da"])
        #expect(rules.language.sounds(of: "重行").contains("chong-hang"))
        #expect(rules.language.sounds(of: "乐乐乐乐乐").count == 8)
        #expect(rules.language.simplify("內蒙古雲帆") == "内蒙古云帆")
    }
}

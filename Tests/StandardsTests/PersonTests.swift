import Kernel
import Standards
import Testing

@Suite("identity numbers")
struct CitizenIDTests {
    @Test("published numbers pass", arguments: ["11010519491231002X", "440524188001010014"])
    func valid(number: String) throws {
        let standards = try loaded.get()
        if number.hasPrefix("44") {
            // The birth of 1880 in the standard's own example lies before 1900.
            #expect(throws: IdentifierError(.citizenID, .dateRange, position: 7)) {
                try standards.citizenID(number, on: today)
            }
            return
        }
        let id = try standards.citizenID(number, on: today)
        #expect(id.rawValue == number)
        #expect(id.birth.description == "1949-12-31")
        #expect(id.sex == .female)
        #expect(id.masked == "110***********002X")
        #expect("\(id)" == id.masked)
    }

    @Test("abolished division codes are as good as those in force")
    func former() throws {
        let standards = try loaded.get()
        for code in ["152101", "152701", "150203", "159999"] {
            let id = try standards.citizenID(number(code, "19850615", "123"), on: today)
            #expect(id.regionCode == code)
            #expect(id.sex == .male)
        }
    }

    @Test("residence permits 81, 82 and 83", arguments: ["810000", "820000", "830000"])
    func permits(code: String) throws {
        let id = try loaded.get().citizenID(number(code, "19900101", "002"), on: today)
        #expect(id.isResidencePermit)
    }

    @Test(
        "what is wrong is named with its position",
        arguments: [
            ("1101051949123100", .length, nil), ("11010519491231002", .length, nil),
            ("110105194912310021", .check, 18),
            ("1101051949123100A2", .character, 17), ("11010519491331002X", .date, 7),
            ("11010519490229002X", .date, 7),
            ("99010519491231002X", .region, 1), ("11010530001231002X", .dateRange, 7),
            ("1101051949123X002X", .character, 14),
        ] as [(String, IdentifierError.Reason, Int?)]
    )
    func errors(text: String, reason: IdentifierError.Reason, position: Int?) throws {
        let standards = try loaded.get()
        #expect(throws: IdentifierError(.citizenID, reason, position: position)) {
            try standards.citizenID(text, on: today)
        }
    }

    @Test("every single wrong digit is found")
    func singleErrors() throws {
        let standards = try loaded.get()
        let characters = Array("11010519491231002X")
        for position in characters.indices {
            for other in "0123456789X" where other != characters[position] {
                var wrong = characters
                wrong[position] = other
                #expect(throws: IdentifierError.self) { try standards.citizenID(String(wrong), on: today) }
            }
        }
    }

    @Test("stray spaces, full width and a small x are put right")
    func normalised() throws {
        let id = try loaded.get().citizenID(" １１０１０５ 19491231 002ｘ ", on: today)
        #expect(id.rawValue == "11010519491231002X")
    }

    @Test("a number born today is good, tomorrow's is not")
    func births() throws {
        let standards = try loaded.get()
        let digits = today.description.filter { $0 != "-" }
        #expect(try standards.citizenID(number("150203", digits, "001"), on: today).age(on: today) == 0)
        let tomorrow = today.adding(days: 1).description.filter { $0 != "-" }
        #expect(throws: IdentifierError.self) {
            try standards.citizenID(number("150203", tomorrow, "001"), on: today)
        }
    }

    @Test("fifteen digits become eighteen")
    func upgraded() throws {
        let regions = try loaded.get().regions
        #expect(
            try CitizenID.upgraded(from15: "110105491231002", today: today, regions: regions).rawValue
                == "11010519491231002X"
        )
    }

    @Test(
        "documents of other kinds",
        arguments: [
            ("passport", "e 12345678", "E12345678"), ("mainland-permit-hm", "H12345678", "H12345678"),
            ("mainland-permit-hm", "m1234567801", "M1234567801"),
            ("mainland-permit-tw", "12345678", "12345678"),
            ("permanent-resident-old", "usa110090010112", "USA110090010112"),
        ]
    )
    func documents(kind: String, text: String, number: String) throws {
        #expect(try loaded.get().identityDocument(kind: kind, number: text, on: today).number == number)
    }

    @Test(
        "numbers of another kind are refused",
        arguments: [
            ("passport", "E1"), ("mainland-permit-hm", "A12345678"), ("mainland-permit-tw", "1234567"),
            ("residence-permit-hmt", "11010519491231002X"), ("permanent-resident", "USA110090010112"),
            ("driving-licence", "12345678"), ("resident-id", "护照"),
        ]
    )
    func wrongKind(kind: String, text: String) throws {
        let standards = try loaded.get()
        #expect(throws: IdentifierError.self) {
            try standards.identityDocument(kind: kind, number: text, on: today)
        }
    }

    @Test("the new permanent resident card begins with 9")
    func permanentResident() throws {
        let card = number("911156", "19800101", "001")
        let document = try loaded.get().identityDocument(
            kind: "permanent-resident",
            number: card,
            on: today
        )
        #expect(document.birth?.year == 1980)
    }

    /// Adds the check of ISO 7064 MOD 11-2 by its own definition, not by the code under test.
    private func number(_ region: String, _ birth: String, _ sequence: String) -> String {
        let body = region + birth + sequence
        var product = 0
        for digit in body { product = (product + (digit.wholeNumberValue ?? 0)) * 2 % 11 }
        let check = (12 - product) % 11
        return body + (check == 10 ? "X" : String(check))
    }
}

@Suite("names and phones")
struct NameTests {
    @Test(
        "names that people have",
        arguments: [
            "张三", "买买提·吐尔逊", "乌兰图雅", "𫍲𬱖", "Anna-Maria O'Neill", "ᠮᠣᠩᠭᠣᠯ ᠬᠦᠮᠦᠨ",
            "阿", String(repeating: "阿", count: 50), String(repeating: "阿", count: 51), "张3", "张三😀",
            "张\u{E000}三", "张三!", "",
        ]
    )
    func names(text: String) {
        let refused = ["阿", String(repeating: "阿", count: 51), "张3", "张三😀", "张三!", ""]
        #expect(((try? PersonName(text)) == nil) == refused.contains(text), "\(text)")
    }

    @Test(
        "dots, widths and spaces do not make another person",
        arguments: [
            ("买买提·吐尔逊", "买买提•吐尔逊"), ("买买提·吐尔逊", "买买提・吐尔逊"), ("买买提·吐尔逊", "买买提．吐尔逊"),
            ("买买提·吐尔逊", " 买买提 · 吐尔逊"), ("张三", "张 三"), ("Anna Smith", "ＡＮＮＡ  smith"),
        ]
    )
    func same(left: String, right: String) throws {
        #expect(try PersonName(left).matches(PersonName(right)))
    }

    @Test("spaces between Chinese characters go, those between other words stay")
    func spaces() throws {
        #expect(try PersonName("林 知　远").text == "林知远")
        #expect(try PersonName("Anna  Lee").text == "Anna Lee")
        #expect(try PersonName("买买提 · 吐尔逊").text == "买买提 · 吐尔逊")
    }

    @Test("a lacking dot is near, another character is not")
    func near() throws {
        #expect(try !PersonName("买买提·吐尔逊").matches(PersonName("买买提吐尔逊")))
        #expect(try PersonName("买买提·吐尔逊").nearKey == PersonName("买买提吐尔逊").nearKey)
        #expect(try PersonName("张三").nearKey != PersonName("张山").nearKey)
        #expect(PersonName.areSame("买买提•吐尔逊", "买买提·吐尔逊") && !PersonName.areSame("张三", "张山"))
        #expect(PersonName.areSame("?", "?") && !PersonName.areSame("?", "张三"))
        // A compatibility ideograph stays what was entered.
        #expect(try PersonName("\u{F9D1}明").text.unicodeScalars.first?.value == 0xF9D1)
    }

    @Test("masks", arguments: [("张三丰", "张*丰"), ("张三", "张*"), ("欧阳娜娜", "欧**娜")])
    func masks(name: String, masked: String) throws { #expect(try PersonName(name).masked == masked) }

    @Test(
        "phones",
        arguments: [
            ("138 0000 1234", "13800001234"), ("+86-13800001234", "13800001234"),
            ("１３８００００１２３４", "13800001234"),
            ("0472-5123456", "04725123456"), ("(010)12345678", "01012345678"),
        ]
    )
    func phones(text: String, digits: String) throws { #expect(try PhoneNumber(text).rawValue == digits) }

    @Test(
        "what is no phone",
        arguments: ["1380000123", "12800001234", "138000012345", "", "abc", "0047212345", "13800001234x"]
    )
    func badPhones(text: String) { #expect(throws: IdentifierError.self) { try PhoneNumber(text) } }
}

import Catalogue
import Forms
import Foundation
import Kernel
import Rules
import Standards
import Testing

/// The real forms of `Systems/company-opening` with whole answers.
struct CompanyForms {
    let llc: FormDefinition
    let soleTrader: FormDefinition
    let context: FormContext

    init() throws {
        let home = try Home.find()
        let folder = try SystemFolder(at: "\(home.systems)/company-opening")
        let library = ["common.parts.yaml": try folder.text("forms/common.parts.yaml")]
        llc = try FormDefinition(
            yaml: try folder.text("forms/llc.form.yaml"),
            file: "llc",
            library: library
        )
        soleTrader = try FormDefinition(
            yaml: try folder.text("forms/sole-trader.form.yaml"),
            file: "sole-trader",
            library: library
        )
        let limits = try DatedLimits(yaml: try folder.text("limits.yaml"), file: "limits.yaml")
        let today = try #require(LocalDate(parsing: "2026-03-02"))
        context = FormContext(
            today: today,
            limits: limits.values(region: "150203", on: today),
            codes: FormCodes(try Standards(home: home))
        )
    }

    static let person: JSON = [
        "name": "张三", "idKind": "resident-id", "idNumber": "150203198001010016", "phone": "13800001234",
        "idForever": true,
    ]

    static func person(_ more: JSON) -> JSON {
        var person = person
        for (name, value) in more.members { person[name] = value }
        return person
    }

    static let common: JSON = [
        "district": "150203",
        "applicant": [
            "name": "张三", "idKind": "resident-id", "idNumber": "150203198001010016", "phone": "13800001234",
            "role": "founder",
        ],
        "name": [
            "hasName": true, "division": "包头市昆都仑区", "order": "divisionFirst", "brand": "速达", "trade": "商贸",
            "tradeIndustry": "5213", "form": "有限公司",
        ],
        "address": [
            "league": "150200", "banner": "150203", "township": "少先路街道", "village": "友谊社区",
            "detail": "少先路12号3楼301室",
        ],
        "premises": [
            "use": "owned", "ownerName": "张三", "ownerPhone": "13800001234", "mode": "promise",
            "dwelling": false,
        ],
        "service": [
            "sameAddress": true, "recipient": "张三", "phone": "13800001234", "electronic": true,
        ],
        "scope": ["F1001", "F1002"],
        "joined": [
            "seals": [
                "choice": "now", "kinds": ["official", "finance"], "engraver": "EN005", "payer": "government",
                "delivery": "pickup",
            ],
            "tax": [
                "choice": "now", "accounting": "independent", "accountingSystem": "smallEnterprise",
                "taxpayer": "small", "invoices": true,
            ],
            "staff": ["none": true],
            "socialInsurance": ["choice": "later"], "medicalInsurance": ["choice": "later"],
            "housingFund": ["choice": "none"],
            "bank": ["choice": "none"], "paperLicence": ["choice": "none"],
        ],
        "promises": [
            "truth": "2026-01", "name": "2026-01", "address": "2026-01", "permit": "2026-01",
            "integrity": "2026-01", "dataUse": "2026-01", "electronicService": "2026-01",
        ],
    ]

    /// A company of one natural person who holds every allowed role.
    static let llc: JSON = {
        var data = common
        data["capital"] = 1_000_000_00
        data["shareholders"] = [
            person([
                "kind": "person", "residence": "包头市昆都仑区友谊大街5号", "amount": 1_000_000_00, "method": "cash",
                "dueDate": "2031-03-02",
            ])
        ]
        data["governance"] = [
            "board": "single", "supervision": "none", "noSupervisorConsent": true, "hasManager": false,
            "articles": "standard",
        ]
        data["directors"] = [person(["position": "director", "termYears": 3])]
        data["legalRepresentative"] = person(["position": "director"])
        data["financeOfficer"] = person([:])
        data["liaison"] = person(["relation": "founder"])
        data["taxOfficer"] = person([:])
        data["beneficial"] = ["mode": "exempt"]
        data["promises"]["contribution"] = "2026-01"
        data["promises"]["beneficial"] = "2026-01"
        return data
    }()

    static let soleTrader: JSON = {
        var data = common
        data["operation"] = "individual"
        data["operator"] = person(["residence": "包头市昆都仑区友谊大街5号"])
        data["name"] = ["hasName": false]
        data["liaison"] = person(["relation": "founder"])
        data["joined"]["seals"] = ["choice": "none"]
        data["joined"]["tax"]["accountingSystem"] = "soleTrader"
        data["taxOfficer"] = person([:])
        for name in ["socialInsurance", "medicalInsurance", "housingFund"] { data["joined"][name] = .null }
        data["promises"]["name"] = .null
        return data
    }()
}

@Suite("the forms of an opening")
struct CompanyFormTests {
    let forms: CompanyForms

    init() throws { forms = try Self.shared.get() }

    private static let shared = Result { try CompanyForms() }

    private func problems(_ form: FormDefinition, _ data: JSON) throws -> [String] {
        let accepted = try form.accept(data, context: forms.context)
        return form.check(accepted, context: forms.context).map { "\($0.path) \($0.code)" }
    }

    private func changed(_ path: String, _ value: JSON, in data: JSON = CompanyForms.llc) throws -> JSON {
        var data = data
        data[try #require(FormPath(parsing: path))] = value
        return data
    }

    @Test("a company of one person passes")
    func llc() throws {
        #expect(try problems(forms.llc, CompanyForms.llc) == [])
        let accepted = try forms.llc.accept(CompanyForms.llc, context: forms.context)
        #expect(accepted["type"] == "llc")
        #expect(accepted["name"]["full"] == "包头市昆都仑区速达商贸有限公司")
    }

    @Test("a sole trader without a name passes")
    func soleTrader() throws {
        #expect(try problems(forms.soleTrader, CompanyForms.soleTrader) == [])
    }

    @Test(
        "one wrong answer, one problem",
        arguments: [
            ("capital", "0", ["capital capital.zero", "shareholders shareholders.sum"]),
            ("capital", "99999999", ["shareholders shareholders.sum"]),
            ("shareholders[0].amount", "99999999", ["shareholders shareholders.sum"]),
            (
                "shareholders[0].dueDate", "\"2031-03-03\"",
                ["shareholders[0].dueDate shareholder.due-too-late"]
            ),
            ("shareholders[0].dueDate", "\"2027-02-29\"", ["shareholders[0].dueDate form.no-such-day"]),
            ("shareholders[0].method", "\"labour\"", ["shareholders[0].method form.choose"]),
            ("name.brand", "\"速达A\"", ["name.brand name.brand-characters"]),
            ("name.brand", "\"速\"", ["name.brand form.length"]),
            ("name.form", "\"商店\"", ["name.form form.choose"]),
            ("address.banner", "\"150102\"", ["address.banner place.banner-outside"]),
            (
                "address.detail", "null", ["address.detail form.required"]
            ),
            ("district", "\"150204\"", ["address address.not-in-district"]),
            ("district", "\"159999\"", ["district form.region", "address address.not-in-district"]),
            (
                "governance.noSupervisorConsent", "false",
                ["governance.noSupervisorConsent governance.consent-missing"]
            ),
            (
                "governance.board", "\"board\"",
                [
                    "directors directors.board-too-small", "directors directors.chair",
                ]
            ),
            ("directors[0].termYears", "4", ["directors[0].termYears director.term"]),
            (
                "legalRepresentative.position", "\"manager\"",
                ["legalRepresentative.position form.not-offered"]
            ),
            (
                "legalRepresentative.idNumber", "\"150203198001010032\"",
                ["legalRepresentative representative.holds-no-office"]
            ),
            ("applicant.idNumber", "\"150203201001010010\"", ["applicant.idNumber applicant.minor"]),
            ("applicant.idNumber", "\"150203198001010017\"", ["applicant.idNumber form.citizen-id.check"]),
            ("premises.use", "\"platform\"", ["premises.use form.choose"]),
            ("premises.dwelling", "true", ["premises.neighboursConsent form.choose"]),
            ("promises.truth", "\"2025-01\"", ["promises.truth form.promise-version"]),
            ("promises.truth", "null", ["promises.truth form.promise"]),
            ("joined.seals.kinds", "[\"official\",\"customs\"]", ["joined.seals.kinds form.choose"]),
            (
                "joined.tax.accountingSystem", "\"soleTrader\"",
                ["joined.tax.accountingSystem form.not-offered"]
            ),
        ]
    )
    func oneWrong(path: String, value: String, expected: [String]) throws {
        let data = try changed(path, try JSON.read(value))
        let found = try problems(forms.llc, data)
        #expect(found == expected, "\(found)")
    }

    @Test("a supervisor may hold no other office")
    func supervisor() throws {
        var data = CompanyForms.llc
        data["governance"] = [
            "board": "single", "supervision": "single", "hasManager": true, "articles": "standard",
        ]
        data["supervisors"] = [CompanyForms.person(["position": "supervisor"])]
        data["manager"] = CompanyForms.person([:])
        #expect(
            try problems(forms.llc, data) == [
                "supervisors supervisors.is-director", "manager manager.is-supervisor",
                "financeOfficer finance.is-supervisor",
            ]
        )
    }

    @Test("capital above the limit takes the exemption away")
    func exemption() throws {
        var data = CompanyForms.llc
        data["capital"] = 1_000_000_001
        data["shareholders"] = [CompanyForms.llc["shareholders"][0]]
        data["shareholders"] = .array([
            CompanyForms.person([
                "kind": "person", "residence": "包头市昆都仑区友谊大街5号", "amount": 1_000_000_001, "method": "cash",
                "dueDate": "2031-03-02",
            ])
        ])
        #expect(try problems(forms.llc, data) == ["beneficial.mode form.not-offered"])
    }

    @Test("a guardian is asked for a shareholder under age and for nobody else")
    func guardian() throws {
        let data = try changed("shareholders[0].idNumber", "150203201001010010")
        let found = try problems(forms.llc, data)
        #expect(found.contains("shareholders[0].guardian.name form.required"))
        #expect(try !problems(forms.llc, CompanyForms.llc).contains { $0.contains("guardian") })
    }

    @Test("same-as copies the person, and a removed row leaves what was copied")
    func sameAs() throws {
        var data = try forms.llc.accept(CompanyForms.llc, context: forms.context)
        data["financeOfficer"] = ["sameAs": "directors[0]"]
        data = forms.llc.settled(data, context: forms.context)
        #expect(data["financeOfficer"]["idNumber"] == "150203198001010016")
        #expect(forms.llc.check(data, page: "finance", context: forms.context).isEmpty)
        let path = try #require(FormPath(parsing: "directors"))
        let without = forms.llc.removingRow(0, of: path, from: data, context: forms.context)
        #expect(without["financeOfficer"]["sameAs"].isNull)
        #expect(without["financeOfficer"]["name"] == "张三")
    }

    @Test("a page that is not needed drops its answers, and only those")
    func notNeeded() throws {
        var data = CompanyForms.soleTrader
        data["joined"]["socialInsurance"] = ["choice": "now", "kinds": ["injury"]]
        let accepted = try forms.soleTrader.accept(data, context: forms.context)
        #expect(accepted["joined"]["socialInsurance"].isNull)
        #expect(accepted["joined"]["tax"]["choice"] == "now")
        let progress = forms.soleTrader.progress(accepted, visited: [], context: forms.context)
        #expect(progress.state(of: "insurance") == .notNeeded)
        #expect(progress.state(of: "family") == .notNeeded)
    }

    @Test("every page of a finished draft is done")
    func progress() throws {
        let accepted = try forms.llc.accept(CompanyForms.llc, context: forms.context)
        let all = Set(forms.llc.pages.map(\.id))
        let progress = forms.llc.progress(accepted, visited: all, context: forms.context)
        #expect(progress.isComplete)
        #expect(forms.llc.progress([:], visited: [], context: forms.context).next == "district")
    }

    @Test("departments see only their part")
    func disclosed() throws {
        let accepted = try forms.llc.accept(CompanyForms.llc, context: forms.context)
        let tax = forms.llc.disclosed(accepted, to: "tax")
        #expect(tax["financeOfficer"]["name"] == "张三")
        #expect(tax["joined"]["seals"].isNull)
        #expect(tax["shareholders"].isNull)
        #expect(forms.llc.disclosed(accepted, to: "nobody") == [:])
        #expect(forms.llc.disclosed(accepted, to: "engraver")["legalRepresentative"].isNull)
    }

    @Test("the summary hides identity numbers and telephones")
    func summary() throws {
        let accepted = try forms.llc.accept(CompanyForms.llc, context: forms.context)
        for language in ["zh", "en"] {
            let rows = forms.llc.summary(accepted, language: language, context: forms.context).flatMap(\.rows)
            #expect(rows.count > 50)
            #expect(
                !rows.contains { $0.shown.contains("150203198001010016") || $0.shown.contains("13800001234") }
            )
        }
        let rows = forms.llc.summary(accepted, context: forms.context).flatMap(\.rows)
        #expect(rows.first { $0.path == "capital" }?.shown == "100万元（壹佰万元整）")
        #expect(rows.first { $0.path == "address.banner" }?.shown == "昆都仑区")
        let open = forms.llc.summary(accepted, masked: false, context: forms.context).flatMap(\.rows)
        #expect(open.contains { $0.shown == "150203198001010016" })
    }

    @Test("the schema names every field and refuses others")
    func schema() {
        let schema = forms.llc.schema()
        #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["additionalProperties"] == false)
        #expect(schema["properties"]["shareholders"]["items"]["properties"]["amount"]["type"] == "integer")
        #expect(
            schema["properties"]["joined"]["properties"]["tax"]["properties"]["taxpayer"]["enum"] == [
                "small", "general",
            ]
        )
        #expect(schema["required"].elements.contains("capital"))
    }

    @Test("typed values reach decision tables as FEEL values")
    func typed() throws {
        let accepted = try forms.llc.accept(CompanyForms.llc, context: forms.context)
        let values = forms.llc.typed(accepted)
        let shareholder = values["shareholders"]?.elements?.first?.record
        #expect(shareholder?["dueDate"]?.date == LocalDate(parsing: "2031-03-02"))
        #expect(shareholder?["amount"]?.json == 100_000_000)
        #expect(values["manager"]?.isNull == true)
        #expect(values["supervisors"]?.elements?.isEmpty == true)
    }
}

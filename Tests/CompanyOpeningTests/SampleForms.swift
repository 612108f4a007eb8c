import Kernel

/// Whole answers to the two forms.
enum SampleForms {
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

import Attachments
import Cases
import Correspondence
import Cryptography
import Exchange
import Kernel
import Storage

/// Filed items by the names of the law (Regulations, article 9).
enum FilingWords {
    static let items = [
        "director": "董事", "supervisor": "监事", "manager": "经理", "financeOfficer": "财务负责人",
        "liaison": "登记联络员", "familyMember": "参加经营的家庭成员", "operatorResidence": "经营者住所",
        "funds": "资金数额", "beneficialOwner": "受益所有人", "beneficialOwnerMode": "受益所有人信息",
        "serviceAddress": "法律文书送达方式",
    ]
}

/// What parties gave, in the words of a receipt.
enum ReceiptWords {
    /// Parties whose services are joined, and what of theirs ends with a receipt.
    static let matters = [
        "police-seal": ["file"], "engraver": ["make"], "tax": ["register"], "social-insurance": ["register"],
        "medical-insurance": ["register"], "housing-fund": ["register"], "bank": ["book", "account"],
    ]

    /// In the order in which they are printed. What is not listed is for machines.
    private static let names = [
        ("receipt", "回执号"), ("orderNumber", "订单号"), ("pickup", "领取方式"), ("taxOffice", "主管税务机关"),
        ("taxpayerKind", "纳税人类型"), ("taxKinds", "税费种"), ("invoiceKinds", "发票种类"),
        ("invoiceCeilingFen", "发票总额度（元）"), ("unitNumber", "单位编号"), ("unitAccount", "单位账号"),
        ("insurances", "险种"), ("office", "经办机构"), ("rejectedRows", "未通过的人员"), ("bookingNumber", "预约号"),
        ("branch", "网点"), ("visitAt", "到访时间"), ("bank", "银行"), ("accountNumber", "账号"),
        ("seals", "公安备案印章编码"),
    ]

    static func artefacts(of answer: JSON) -> [(name: String, value: String)] {
        names.compactMap { key, name in text(answer[key], key: key).map { (name, $0) } }
    }

    private static func text(_ value: JSON, key: String) -> String? {
        switch (key, value) {
        case (_, .null): return nil
        case ("accountNumber", .string(let number)): return "****\(number.suffix(4))"
        case ("invoiceCeilingFen", _): return value.int.map { Money(fen: $0).yuanText }
        case ("rejectedRows", .array(let rows)): return rows.isEmpty ? nil : "\(rows.count)人"
        case ("taxpayerKind", "small"): return "小规模纳税人"
        case ("taxpayerKind", "general"): return "一般纳税人"
        case ("visitAt", .string(let text)): return Instant(parsing: text)?.minuteText ?? text
        case (_, .string(let text)): return text.isEmpty ? nil : text
        case (_, .array(let elements)):
            let texts = elements.compactMap { $0.text ?? $0["code"].text ?? $0["name"].text }
            return texts.isEmpty ? nil : texts.joined(separator: "、")
        default: return value.int.map(String.init)
        }
    }

    static func channel(_ channel: PaperService.Channel) -> String {
        switch channel {
        case .electronic: "电子送达"
        case .counter: "窗口直接送达"
        case .post: "邮寄送达"
        case .publication: "公告送达"
        }
    }
}

/// One line of the catalogue: a paper that was signed, a file that was handed in, or a paper of the authority.
struct ArchiveEntry {
    let title: String
    let date: LocalDate
    let digest: String

    static func all(of subject: Case, papers: [Paper], in reader: any Reader) throws -> [ArchiveEntry] {
        let signing = try SignerStore.state(of: subject.id, in: reader)
        let signed = signing.papers.map { paper in
            let last = signing.signatures.filter { $0.paper == paper.kind && $0.voidAt == nil }.map(\.at)
                .max()
            return ArchiveEntry(
                title: paper.title,
                date: (last ?? subject.createdAt).date,
                digest: paper.digest
            )
        }
        let files = try AttachmentStore.of(subject.object, in: reader).map { file in
            ArchiveEntry(
                title: file.name,
                date: file.addedAt.date,
                digest: String(file.digest.dropFirst("sm3:".count))
            )
        }
        let own = papers.filter { $0.kind != "archive-catalogue" }.map { paper in
            ArchiveEntry(
                title: [paper.titleZh, paper.number].compactMap { $0 }.joined(separator: " "),
                date: paper.filedAt.date,
                digest: Hex.encode(paper.digest)
            )
        }
        return signed + files + own
    }
}

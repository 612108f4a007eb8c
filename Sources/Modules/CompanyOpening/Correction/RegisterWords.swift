/// Names of registered items and kinds of filing, as papers print them.
enum RegisterWords {
    static func chinese(_ item: String) -> String { words[item] ?? item }

    private static let words = [
        "name": "名称", "type": "类型", "address": "住所（经营场所）", "scope": "经营范围", "scopeCodes": "经营范围代码",
        "source": "来源登记系统", "oldNumber": "原注册号", "termUntil": "营业期限至",
        "capitalFen": "注册资本", "legalRepresentative": "法定代表人", "shareholders": "股东", "operator": "经营者",
        "operation": "组成形式", "nameMongolian": "蒙古文名称", "director": "董事", "supervisor": "监事", "manager": "经理",
        "financeOfficer": "财务负责人", "liaison": "登记联络员", "familyMember": "参加经营的家庭成员",
    ]
}

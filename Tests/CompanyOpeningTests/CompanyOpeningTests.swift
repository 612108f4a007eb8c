import CompanyOpening
import Kernel
import Testing

@Suite("what an opening computes")
struct OpeningValueTests {
    @Test("shares add up to 100.00 by the largest remainder")
    func shares() {
        #expect(Shares.percentages([1, 1, 1]) == ["33.34", "33.33", "33.33"])
        #expect(Shares.percentages([60, 40]) == ["60.00", "40.00"])
        #expect(Shares.percentages([0, 0]) == ["0.00", "0.00"])
        let entropy = SeededEntropy(seed: 11)
        for _ in 0..<500 {
            let amounts = (0..<(1 + entropy.number(below: 50))).map { _ in
                Int64(1 + entropy.number(below: 1_000_000_000))
            }
            let sum = Shares.percentages(amounts).reduce(0) { total, text in
                total + (Int(text.replacing(".", with: "")) ?? 0)
            }
            #expect(sum == 10_000)
        }
    }

    @Test("a person with several offices is one person")
    func people() {
        let person: JSON = ["name": "张三", "idKind": "resident-id", "idNumber": "150203198510120010"]
        let form = CompanyForm([
            "type": "llc", "applicant": person, "legalRepresentative": person, "directors": [person],
            "supervisors": [["name": "李四", "idKind": "resident-id", "idNumber": "150203199003030023"]],
        ])
        #expect(form.people.count == 2)
        #expect(form.people[0].roles == [.legalRepresentative, .director, .applicant])
        #expect(form.people[0].isOfficer)
        #expect(form.people[0].label == "张*（法定代表人、董事、经办人）")
    }

    @Test("names are masked", arguments: [("张三", "张*"), ("王小二", "王*二"), ("阿拉坦其其格", "阿**格"), ("", "")])
    func masks(name: String, masked: String) {
        #expect(PersonMask.name(name) == masked)
    }
}

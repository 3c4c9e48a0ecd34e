// Planted.swift — planted bugs in Swift; nothing of this file is in a program that people run.
#if NT_PLANTED
    import CCore

    /// Rows of `nt/planted.h` whose site is in Swift.
    package enum PlantedBug {
        case ledgerForgetsFees

        fileprivate var number: UInt32 {
            switch self {
            case .ledgerForgetsFees: UInt32(NT_BUG_LEDGER_FORGETS_FEES)
            }
        }
    }

    /// Whether this process has the bug.
    package func planted(_ bug: PlantedBug) -> Bool { nt_planted(bug.number) }
#endif

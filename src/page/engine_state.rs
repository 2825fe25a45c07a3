//! What is known of the two engines, and which of them computes.

use crate::protocol::{DeviceKind, DeviceReport, Problem};

/// How an engine is.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineState {
    /// There is none, and why.
    Absent(Absence),
    /// Its module is on the way, or it opens and checks its device.
    Loading,
    /// It takes work.
    Ready(DeviceReport),
    /// It is of no use, and nothing is tried any more until the learner asks for it.
    Failed(Problem),
    /// It stopped or lost its device; a fresh one is on the way.
    Restarting,
}

/// Why there is no engine of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Nobody has looked yet.
    NotTried,
    /// This site was built without it.
    NotShipped,
    /// The browser has no WebGPU.
    NoWebGpu,
    /// WebGPU is there, but offers no adapter.
    NoAdapter,
    /// The only adapter is the processor in disguise; it is used only when asked for.
    SoftwareAdapter,
    /// The browser is told to save data; the module is fetched only when asked for.
    DataSaver,
    /// The browser cannot run modules in workers.
    NoModuleWorkers,
}

/// Which device computes, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub device: DeviceKind,
    pub reason: Reason,
}

/// Why a device was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The learner wants it.
    Chosen,
    /// The learner wants the other one, which is not ready.
    ChosenNotReady,
    /// Both are ready and this one was faster in the self-check.
    Faster,
    /// The other one is not ready.
    OnlyOne,
    /// Neither is ready yet.
    Waiting,
}

impl EngineState {
    /// The report of an engine that takes work.
    pub fn report(&self) -> Option<&DeviceReport> {
        match self {
            Self::Ready(report) => Some(report),
            _ => None,
        }
    }

    /// Whether work may be kept for it.
    pub fn is_coming(&self) -> bool {
        matches!(self, Self::Loading | Self::Restarting)
    }

    /// Whether it takes work, or will.
    pub fn is_usable(&self) -> bool {
        self.is_coming() || self.report().is_some()
    }
}

/// The engine that computes: the learner's choice if it is ready, otherwise the one that was
/// faster in its self-check, otherwise whichever is ready.
pub fn choose(wanted: Option<DeviceKind>, cpu: &EngineState, gpu: &EngineState) -> Choice {
    let times = (cpu.report(), gpu.report());
    let (device, reason) = match times {
        (Some(cpu), Some(gpu)) => match wanted {
            Some(device) => return Choice { device, reason: Reason::Chosen },
            None if gpu.self_check.milliseconds < cpu.self_check.milliseconds => {
                (DeviceKind::WebGpu, Reason::Faster)
            }
            None => (DeviceKind::Cpu, Reason::Faster),
        },
        (Some(_), None) => (DeviceKind::Cpu, Reason::OnlyOne),
        (None, Some(_)) => (DeviceKind::WebGpu, Reason::OnlyOne),
        (None, None) => (DeviceKind::Cpu, Reason::Waiting),
    };
    let reason = match wanted {
        Some(wanted) if wanted == device && reason == Reason::OnlyOne => Reason::Chosen,
        Some(wanted) if wanted != device => Reason::ChosenNotReady,
        _ => reason,
    };
    Choice { device, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SelfCheck;

    fn ready(kind: DeviceKind, milliseconds: f64) -> EngineState {
        EngineState::Ready(DeviceReport {
            kind,
            adapter: String::new(),
            limits: Vec::new(),
            self_check: SelfCheck { error: 0.0, tolerance: 1e-4, milliseconds },
        })
    }

    #[test]
    fn the_faster_one_computes() {
        let cpu = ready(DeviceKind::Cpu, 10.0);
        let fast = choose(None, &cpu, &ready(DeviceKind::WebGpu, 2.0));
        assert_eq!(fast, Choice { device: DeviceKind::WebGpu, reason: Reason::Faster });
        let slow = choose(None, &cpu, &ready(DeviceKind::WebGpu, 900.0));
        assert_eq!(slow, Choice { device: DeviceKind::Cpu, reason: Reason::Faster });
    }

    #[test]
    fn the_learner_is_obeyed_where_possible() {
        let (cpu, gpu) = (ready(DeviceKind::Cpu, 1.0), ready(DeviceKind::WebGpu, 2.0));
        let wanted = Some(DeviceKind::WebGpu);
        assert_eq!(choose(wanted, &cpu, &gpu).device, DeviceKind::WebGpu);
        let lost = choose(wanted, &cpu, &EngineState::Restarting);
        assert_eq!(lost, Choice { device: DeviceKind::Cpu, reason: Reason::ChosenNotReady });
        let only = choose(wanted, &EngineState::Loading, &gpu);
        assert_eq!(only, Choice { device: DeviceKind::WebGpu, reason: Reason::Chosen });
    }

    #[test]
    fn an_engine_that_is_not_ready_is_not_waited_for() {
        let cpu = ready(DeviceKind::Cpu, 1.0);
        let choice = choose(None, &cpu, &EngineState::Loading);
        assert_eq!(choice, Choice { device: DeviceKind::Cpu, reason: Reason::OnlyOne });
        let none = choose(None, &EngineState::Loading, &EngineState::Absent(Absence::NoWebGpu));
        assert_eq!(none.reason, Reason::Waiting);
    }
}

"""Every event and command by its type, which is also its subject. It loads all contracts; see `contracts.subjects`."""

from contracts.envelope import Command, Contract, Event
from contracts.subjects import MODULES, OTHERS, model_of, spoken

_ALL = {type_: model for modules in MODULES.values() for module in modules for type_, model in spoken(module).items()}
EVENTS: dict[str, type[Contract]] = {type_: model for type_, model in _ALL.items() if issubclass(model, Event)}
COMMANDS: dict[str, type[Contract]] = {type_: model for type_, model in _ALL.items() if issubclass(model, Command)}
SUBJECTS: dict[str, type[Contract]] = {
    **{subject: model for subject in OTHERS if (model := model_of(subject))},
    **EVENTS,
    **COMMANDS,
}

"""From rows to `PacketInputs`: what is known of a case when its packet row is made, frozen before anything is drawn."""

from enforcement.packets.gather.whole import gather_inputs

__all__ = ["gather_inputs"]

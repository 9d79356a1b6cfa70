--- Which policy judges a client, where -selectable lets its container choose: by this label. What an owner
--- creates must not carry it, also not from an image.
return {
  label = "moonward.policy",
  any = false, -- whether there is anything to choose from; set by main.lua as policies are loaded
}

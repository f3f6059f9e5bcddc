import {
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
  mergeThemeOverrides,
} from '@mantine/core';

/** Colours come from tokens.css through mantine.css; Mantine wants shades, all of one token. */
const shades = (token: string): MantineColorsTuple => {
  const shade = `var(${token})`;
  return [shade, shade, shade, shade, shade, shade, shade, shade, shade, shade];
};

const theme = createTheme({
  fontFamily: 'var(--ui)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '4px', md: '4px', lg: '4px', xl: '4px' },
  defaultRadius: 'sm',
  colors: { accent: shades('--primary-bg'), red: shades('--danger-bg') },
  primaryColor: 'accent',
  primaryShade: 6,
  // What is written on a filled control is dark in the dark theme, which Mantine's own white is not.
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input);
    const ink = input.color === 'red' ? 'var(--danger-fg)' : 'var(--primary-fg)';
    if (input.variant === 'filled') return { ...colors, color: ink };
    // Its own tint takes the words' contrast away.
    return input.variant === 'subtle' ? { ...colors, hover: 'var(--hover)' } : colors;
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm', variant: 'default' } },
    ActionIcon: { defaultProps: { size: 28, variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { size: 'sm' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Tabs: { defaultProps: { keepMounted: false } },
    Menu: { defaultProps: { shadow: 'none', position: 'bottom-end' } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 }, transitionProps: { duration: 120 } },
    },
    Drawer: { defaultProps: { position: 'right', transitionProps: { duration: 120 } } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false } },
  },
});

/** How the client looks; dialogs say in its language what their cross does. */
export function themeIn(close: string): MantineThemeOverride {
  const named = { closeButtonProps: { 'aria-label': close } };
  const { Modal, Drawer } = theme.components ?? {};
  return mergeThemeOverrides(theme, {
    components: {
      Modal: { defaultProps: { ...Modal?.defaultProps, ...named } },
      Drawer: { defaultProps: { ...Drawer?.defaultProps, ...named } },
    },
  });
}
